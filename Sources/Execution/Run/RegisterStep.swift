import AliyunIoT
import CutPoint
import Journal
import Provisioning

/// Makes the DeviceName exist in the cloud, and proves that it is this journal's own doing.
///
/// It looks before it acts: a name that is not there is created under an intent; a name that is there is accepted only
/// when its IotId is the one recorded, or when an own creation's answer was lost and the name came into being after the
/// last look that found nothing, by the cloud's own clock.
struct RegisterStep {
    let journal: Journal
    let desk: CloudDesk
    let patience: Patience
    let run: Int64
    let unit: BoardUnit
    let actor: String

    /// Without pre-registration there is nothing to create: the board's own registration does. A name that is there
    /// already is accepted only where it is this unit's own.
    /// - Returns: the IotId; nil where the name is not there yet.
    /// - Throws: ``Failure``, or what the journal throws.
    func performWithoutPreregistration() async throws -> String? {
        try await patience.ask {
            let look = try await lookUp()
            guard let reading = look.reading else {
                guard unit.iotID == nil else { throw gone(unit.iotID) }
                return nil
            }
            guard unit.iotID == nil else { return try await accept(reading, Attempts(isUnresolved: false)) }
            if reading.state == .disable { throw disabled }
            // Its board may have registered in a run that was cut off: the name came into being after the look before
            // the first boot, which did not find it.
            let before = try await journal.firstIntent(unit: unit.id, effect: .boot)["not_there_at"].string
            guard reading.wasCreated(notBefore: before) else { throw foreign(reading) }
            try await adopt(reading, ["not_there_at": .init(before)])
            return reading.iotID
        }
    }

    /// - Returns: the IotId.
    /// - Throws: ``Failure``, or what the journal throws.
    func perform() async throws -> String {
        let attempts = Attempts(isUnresolved: unit.registrationUnknown)
        return try await patience.ask {
            let look = try await lookUp()
            if let reading = look.reading { return try await accept(reading, attempts) }
            guard unit.iotID == nil else { throw gone(unit.iotID) }
            return try await create(notThereAt: look.cloudDate, attempts)
        }
    }

    /// Whether an own creation of this name was begun whose answer was never seen, in this run or an earlier one.
    private final class Attempts {
        var isUnresolved: Bool
        init(isUnresolved: Bool) { self.isUnresolved = isUnresolved }
    }

    /// The cloud's record of the name, journaled.
    private func lookUp() async throws -> DeviceLookup {
        let look = try await desk.api.lookUpDevice(
            .name(productKey: unit.productKey, deviceName: unit.deviceName.text), within: patience.oneCall)
        try await journal.recordReading(
            run: run, unit: unit.id, phase: "register", isActive: look.reading?.isActive,
            reading: look.reading?.json ?? .null,
            details: ["request_id": .string(look.requestID), "cloud_date": .init(look.cloudDate)], actor: actor)
        return look
    }

    /// Creates the name under an intent.
    private func create(notThereAt date: String?, _ attempts: Attempts) async throws -> String {
        let intent = try await begin(["not_there_at": .init(date)])
        CutPoint.reach("register.before")
        do {
            let registered = try await desk.api.registerDevice(
                productKey: unit.productKey, deviceName: unit.deviceName.text, within: patience.oneCall)
            CutPoint.reach("register.after")
            try await finish(intent, isKnown: true, "created", iotID: registered.iotID, request: registered.requestID)
            return registered.iotID
        } catch let error as CloudError {
            // A refusal is certain; a lost answer is not: the next look decides. A name that is there already settles
            // nothing while an earlier creation is unresolved.
            let isKnown = error.hadNoEffect && !attempts.isUnresolved
            try await finish(intent, isKnown: isKnown, error.description, iotID: nil, request: error.requestID)
            if !error.hadNoEffect { attempts.isUnresolved = true }
            guard error.code == .alreadyExists, let reading = try await lookUp().reading else { throw error }
            return try await accept(reading, attempts)
        } catch {
            try await finish(intent, isKnown: false, "stopped before the answer", iotID: nil, request: nil)
            throw error
        }
    }

    /// The IotId of a name that is this journal's own.
    /// - Throws: ``Failure`` when it is not.
    private func accept(_ reading: DeviceReading, _ attempts: Attempts) async throws -> String {
        if reading.state == .disable { throw disabled }
        if let recorded = unit.iotID {
            guard reading.iotID == recorded else {
                throw Failure(
                    .deletedInCloud,
                    "\(unit.deviceName): expected IotId \(recorded), received \(reading.iotID): deleted and made again")
            }
            return recorded
        }
        // Created beforehand for the order's list, and not used since.
        let listed = try await journal.createdName(
            productKey: unit.productKey, deviceName: unit.deviceName, order: unit.order)
        if let listed, listed.iotID == reading.iotID, reading.state == .unactive {
            try await adopt(reading, ["listed": true])
            return reading.iotID
        }
        // An own creation whose answer was lost: begun after the name was not there, and the name came into being since.
        let before = try await journal.unresolvedIntent(unit: unit.id, effect: .register)["not_there_at"].string
        guard attempts.isUnresolved, reading.state == .unactive, reading.wasCreated(notBefore: before) else {
            if try await journal.isBeingCreated(productKey: unit.productKey, deviceName: unit.deviceName) {
                throw Failure(
                    .registerCloud, "\(unit.deviceName) is being created in advance, and its batch is not done yet")
            }
            throw foreign(reading)
        }
        try await adopt(reading, ["not_there_at": .init(before)])
        return reading.iotID
    }

    /// Takes a device that is there as this unit's own, on record.
    private func adopt(_ reading: DeviceReading, _ ground: JSONValue) async throws {
        let intent = try await begin(["adopts": .string(reading.iotID), "ground": ground])
        try await finish(intent, isKnown: true, "adopted", iotID: reading.iotID, request: reading.requestID)
    }

    private func gone(_ recorded: String?) -> Failure {
        Failure(
            .deletedInCloud,
            "\(unit.deviceName) with IotId \(recorded ?? "?") was deleted in the cloud behind the station")
    }

    private func foreign(_ reading: DeviceReading) -> Failure {
        Failure(
            .nameExists,
            "\(unit.deviceName) exists (\(reading.state?.rawValue ?? "?"), created \(reading.createdAt ?? "?")), "
                + "not by an intent of this journal")
    }

    private var disabled: Failure { Failure(.deviceDisabled, "\(unit.deviceName) is DISABLE in the cloud") }

    private func begin(_ details: JSONValue) async throws -> Int64 {
        try await journal.beginIntent(
            .run(run), unit: unit.id, effect: .register, key: "\(unit.productKey)/\(unit.deviceName)", details: details,
            actor: actor)
    }

    private func finish(_ intent: Int64, isKnown: Bool, _ result: String, iotID: String?, request: String?) async throws
    {
        try await journal.finishIntent(
            intent, unit: unit.id, effect: .register, isKnown: isKnown, result: result, iotID: iotID,
            details: ["request_id": .init(request)], actor: actor)
    }
}

import AliyunIoT
import CutPoint
import Journal
import Provisioning

/// Opens a device for registration again, after the claim has proved that this is the same board (ResetThing).
///
/// By the IotId recorded, looked up just before: another device under the name means that the step cannot be done here.
/// ResetThing can be repeated, so a lost answer is answered by asking again. Without pre-registration the cloud needs no
/// reset: the board registers anew and the run keeps its new ClientID.
struct ResetStep {
    let journal: Journal
    let desk: CloudDesk
    let patience: Patience
    let run: Int64
    let unit: BoardUnit
    let registration: RegistrationMode
    let actor: String

    /// - Returns: the keyed digest of the DeviceSecret before the reset; nil where there is none.
    /// - Throws: ``Failure``.
    func perform() async throws -> String? {
        guard registration == .preRegistered, let iotID = unit.iotID else { return nil }
        guard let api = desk.workflowAPI else {
            throw Failure(
                .resetRefused, "there is no second AccessKey: set workflow_access_key_id and seal its secret")
        }
        let look = try await patience.ask {
            try await desk.api.lookUpDevice(.iotID(iotID), within: patience.oneCall)
        }
        try await journal.recordReading(
            run: run, unit: unit.id, phase: "reset", isActive: look.reading?.isActive,
            reading: look.reading?.json ?? .null, actor: actor)
        guard let reading = look.reading else {
            throw Failure(.deletedInCloud, "\(unit.deviceName) with IotId \(iotID) is no longer there")
        }
        let intent = try await journal.beginIntent(
            .run(run), unit: unit.id, effect: .reset, key: iotID,
            details: ["secret_digest": .init(reading.secretDigest)], actor: actor)
        CutPoint.reach("reset.before")
        do {
            let receipt = try await patience.ask { try await api.resetThing(iotID: iotID, within: patience.oneCall) }
            CutPoint.reach("reset.after")
            try await journal.finishIntent(
                intent, unit: unit.id, effect: .reset, isKnown: true, result: "reset",
                details: ["request_id": .string(receipt.requestID)], actor: actor)
        } catch {
            if error is JournalError { throw error }
            try await journal.finishIntent(
                intent, unit: unit.id, effect: .reset, isKnown: false, result: "\(error)", actor: actor)
            guard let failure = error as? Failure, failure.code == .accessRefused else { throw error }
            throw Failure(.resetRefused, failure.detail)
        }
        return reading.secretDigest
    }
}

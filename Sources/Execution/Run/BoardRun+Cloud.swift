import AliyunIoT
import Bench
import Journal
import Provisioning

/// What a run asks of the cloud before its board is switched on: the reset, the name, and the first half of the evidence.
extension BoardRun {
    func reset() async throws {
        guard slot.profile.flash.method.erasesPreserved else {
            throw Failure(
                .resetRefused,
                "the device credential of \(slot.profile.name) boards cannot be erased by flash method "
                    + "\(slot.profile.flash.method.rawValue): nothing was reset in the cloud")
        }
        let step = ResetStep(
            journal: line.journal, desk: line.desk, patience: patience(.registerCloud), run: run, unit: try claimed(),
            registration: order.registration, actor: line.settings.actor)
        digestBeforeReset = try await step.perform()
        isReset = true
        unit?.wasReset = true
    }

    func register() async throws {
        let step = RegisterStep(
            journal: line.journal, desk: line.desk, patience: patience(.registerCloud), run: run, unit: try claimed(),
            actor: line.settings.actor)
        switch order.registration {
        case .preRegistered: iotID = try await step.perform()
        case .noPreregistration: iotID = try await step.performWithoutPreregistration()
        }
    }

    func look() async throws {
        let unit = try claimed()
        // From here to the boot the board cannot connect.
        do { try await board.rest() } catch { throw fault(error, in: .boot) }
        let patience = patience(.activateCloud)
        let look = try await patience.ask {
            try await line.desk.api.lookUpDevice(
                .name(productKey: unit.productKey, deviceName: unit.deviceName.text), within: patience.oneCall)
        }
        before = look.reading
        try await line.journal.recordReading(
            run: run, unit: unit.id, phase: "before", isActive: look.reading?.isActive ?? false,
            reading: look.reading?.json ?? .null,
            details: ["request_id": .string(look.requestID), "cloud_date": .init(look.cloudDate)],
            actor: line.settings.actor)
        guard before?.iotID == iotID else {
            throw Failure(
                .deletedInCloud,
                "\(unit.deviceName): expected \(iotID.map { "IotId \($0)" } ?? "nothing there"), received "
                    + (before?.iotID ?? "nothing"))
        }
        // A board whose firmware was asked while it was written has been switched on by this very run.
        let hasRun = slot.profile.identity.source.isApplication && isFlashed
        guard before?.isActive != true || unit.activity != .none || hasRun else {
            throw Failure(
                .leak,
                "\(unit.deviceName) has been active since \(before?.activatedAt ?? "before this run"), and no run of this unit "
                    + "has switched its board on")
        }
        if order.registration == .noPreregistration {
            notThereAt = look.reading == nil ? look.cloudDate : nil
            if let iotID { clientIDs = try await clientIDStep(unit).look(iotID: iotID) }
        }
    }

    func clientIDStep(_ unit: BoardUnit) -> ClientIDStep {
        ClientIDStep(
            journal: line.journal, desk: line.desk, patience: patience(.activateCloud), run: run, unit: unit,
            actor: line.settings.actor)
    }
}

import AliyunIoT
import Crypto
import Journal
import Provisioning
import Simulation

@testable import Execution

/// One step of a run or of a leader's work, with the calls it makes to the cloud.
struct FaultyStep: Sendable {
    let name: String
    let calls: [String]
    var mode = RegistrationMode.preRegistered
    /// Makes ready what the step needs.
    var prepare: @Sendable (CloudBed) async throws -> Void = { _ in }
    /// Does it; what the cloud refuses or leaves unanswered is thrown.
    let perform: @Sendable (CloudBed) async throws -> Void
    /// What must be so in the end, whatever went wrong on the way.
    let check: @Sendable (CloudBed) async throws -> Bool

    private static func device(_ bed: CloudBed) async throws -> ListedState? {
        try await bed.admin.devices().first { $0.deviceName == bed.unit.deviceName.text }
            .map { ListedState(status: $0.status, clientIDs: $0.clientIDs.count) }
    }

    private struct ListedState { let status: String, clientIDs: Int }

    /// Registered, adopted, and its run ended.
    private static func settle(_ bed: CloudBed) async throws {
        _ = try await bed.register()
        try await bed.concludeRun()
    }

    static let all = [
        FaultyStep(
            name: "register", calls: ["QueryDeviceDetail", "RegisterDevice"],
            perform: { _ = try await $0.register(limit: .seconds(3)) },
            check: { bed in
                let (devices, unit) = (try await bed.admin.devices(), try await bed.journal.unit(bed.unit.id))
                return devices.count == 1 && unit?.iotID == devices.first?.iotID
            }),
        FaultyStep(
            name: "open an order", calls: ["QueryProduct", "QueryDeviceDetail", "RegisterDevice", "register-https"],
            perform: { bed in
                let order = try await bed.journal.order(bed.order.id) ?? bed.order
                if case .refused(let code) = try await bed.gate().check(order) { throw Failure(code, "refused") }
            },
            check: { bed in
                let (devices, order) = (try await bed.admin.devices(), try await bed.journal.order(bed.order.id))
                return devices.count == 1 && order?.state == .open
            }),
        FaultyStep(
            name: "scrap", calls: ["QueryDeviceDetail", "DeleteDevice"], prepare: settle,
            perform: { _ = try await $0.workflow(.scrap(destroyed: false)) },
            check: { bed in
                let (devices, unit) = (try await bed.admin.devices(), try await bed.journal.unit(bed.unit.id))
                return devices.isEmpty && unit?.state == .scrapped
            }),
        FaultyStep(
            name: "disable", calls: ["QueryDeviceDetail", "DisableThing"], prepare: settle,
            perform: { _ = try await $0.workflow(.disable) },
            check: { try await device($0)?.status == "DISABLE" }),
        FaultyStep(
            name: "enable", calls: ["QueryDeviceDetail", "EnableThing"],
            prepare: { bed in
                try await settle(bed)
                _ = try await bed.workflow(.disable)
            },
            perform: { _ = try await $0.workflow(.enable) },
            check: { try await device($0)?.status == "UNACTIVE" }),
        FaultyStep(
            name: "clear ClientIDs", calls: ["QueryDeviceDetail", "QueryClientIds", "DeleteClientIds"],
            mode: .noPreregistration, prepare: issue,
            perform: { _ = try await $0.workflow(.clearClientIDs) },
            check: { try await device($0)?.clientIDs == 0 }),
        FaultyStep(
            name: "names in advance",
            calls: [
                "BatchCheckDeviceNames", "BatchRegisterDeviceWithApplyId", "QueryBatchRegisterDeviceStatus",
                "QueryPageByApplyId",
            ],
            prepare: { bed in
                try await bed.journal.listNames(
                    order: bed.order.id, digest: "d", batches: [["name-1", "name-2"]], actor: "test")
            },
            perform: { bed in
                try await Preregistrar(
                    journal: bed.journal, api: bed.desk.api, actor: "test", pollInterval: .milliseconds(20)
                ) { _ in }.workOff()
            },
            check: { bed in
                let progress = try await bed.journal.batchProgress(order: bed.order.id)
                let devices = try await bed.admin.devices()
                return devices.count == 2
                    && progress == BatchProgress(listed: 2, created: 2, refused: 0, openBatches: 0)
            }),
        FaultyStep(
            name: "look for copies", calls: ["QueryDeviceProp", "SaveDeviceProp"],
            prepare: { bed in
                _ = try await bed.desk.api.registerDevice(
                    productKey: CloudBed.productKey, deviceName: CloudDesk.probeName)
            },
            perform: { bed in
                var watch = bed.copyWatch(signer)
                watch.within = .seconds(3)
                switch try await watch.look(productKey: CloudBed.productKey) {
                case .alone: break
                case .unknown(let why): throw Failure(.registerCloud, why)
                case .copied(let sentence): throw NoCopy(sentence: sentence)
                }
            },
            check: { bed in
                let watch = bed.copyWatch(signer)
                let tags = try await bed.desk.api.tags(
                    productKey: CloudBed.productKey, deviceName: CloudDesk.probeName)
                guard tags.count == 1, try await watch.look(productKey: CloudBed.productKey) == .alone,
                    try await bed.journal.productionHold() == nil
                else { return false }
                return try await bed.isNoticed {
                    if case .copied = try await watch.look(productKey: CloudBed.productKey) { true } else { false }
                }
            }),
    ]

    private static let signer = StationSigner(key: Curve25519.Signing.PrivateKey())

    /// A look that has found a copy where there is none.
    private struct NoCopy: Error { let sentence: String }

    /// Without pre-registration: booted, registered by its board, and its run ended.
    private static func issue(_ bed: CloudBed) async throws {
        let intent = try await bed.journal.beginIntent(
            .run(bed.run), unit: bed.unit.id, effect: .boot, key: "x", actor: "test")
        try await bed.journal.finishIntent(
            intent, unit: bed.unit.id, effect: .boot, isKnown: true, result: "ready", actor: "test")
        let given = try await bed.registerNew()
        let device = try await bed.admin.devices().first { $0.deviceName == bed.unit.deviceName.text }
        _ = try await ClientIDStep(
            journal: bed.journal, desk: bed.desk,
            patience: Patience(limit: .seconds(20), code: .activateCloud) { _ in }, run: bed.run,
            unit: try await bed.journal.unit(bed.unit.id) ?? bed.unit, actor: "test"
        ).settle(iotID: device?.iotID ?? "", before: [], issued: given.clientID)
        _ = try await RegisterStep(
            journal: bed.journal, desk: bed.desk,
            patience: Patience(limit: .seconds(20), code: .registerCloud) { _ in }, run: bed.run,
            unit: try await bed.journal.unit(bed.unit.id) ?? bed.unit, actor: "test"
        ).performWithoutPreregistration()
        try await bed.concludeRun()
    }
}

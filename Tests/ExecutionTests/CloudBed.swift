import AliyunIoT
import Bench
import Foundation
import Journal
import Locking
import Logging
import Provisioning
import Simulation

@testable import Execution

/// A real stand-in cloud, a real journal with one open order and one claimed unit, for the length of a test.
struct CloudBed: Sendable {
    static let productKey = "a1Tq7Wn2Xe0"
    static let productSecret = Secret("h1nQFYPZS0mW2352")

    let journal: Journal
    let desk: CloudDesk
    let admin: CloudAdmin
    let order: WorkOrder
    let run: Int64
    let unit: BoardUnit
    let cloud: Cloud

    /// Runs `body` in a bed of its own.
    static func with(
        secretInVault: Secret? = productSecret, offersRegistration: Bool = true,
        mode: RegistrationMode = .preRegistered, hasSecondKey: Bool = true, window: String? = nil,
        callDeadline: Duration = .seconds(10), signer: StationSigner? = nil,
        _ body: @Sendable (CloudBed) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/execution-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let configuration = CloudConfiguration(
            accessKeys: [.init(id: "LTAItest", secret: Secret("accessKeySecret"))],
            products: [.init(key: productKey, secret: productSecret, name: "test")])
        let (announced, announce) = AsyncStream.makeStream(of: ReadyFile.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { announce.finish() }
                let quiet = Logger(label: "cloud", factory: { _ in SwiftLogNoOpLogHandler() })
                try await CloudStandIn(configuration: configuration, logger: quiet).run { announce.yield($0) }
            }
            guard let ready = await announced.first(where: { _ in true }) else { return try await group.waitForAll() }
            let port = ready.mqttTLS?.split(separator: ":").last.flatMap { Int($0) } ?? 0
            let cloud = try Cloud(
                openAPI: ready.openapiTLS ?? "", registration: offersRegistration ? ready.registration : nil,
                mqttHost: "127.0.0.1",
                mqttPort: port,
                caFile: ready.caFile)
            let api = OpenAPIClient(
                cloud: cloud, accessKey: AccessKey(id: "LTAItest", secret: Secret("accessKeySecret")),
                limiter: RateLimiter(perSecond: 100, burst: 100), deadline: callDeadline)
            do {
                try await body(
                    try await make(
                        folder,
                        CloudDesk(
                            cloud: cloud, api: api, workflowAPI: hasSecondKey ? api : nil,
                            productSecret: { _ in secretInVault }, stationSigner: signer), CloudAdmin(ready), mode,
                        window))
            } catch {
                await api.shutdown()
                throw error
            }
            await api.shutdown()
            group.cancelAll()
        }
    }

    private static func make(
        _ folder: String, _ desk: CloudDesk, _ admin: CloudAdmin, _ mode: RegistrationMode, _ window: String?
    ) async throws -> CloudBed {
        let journal = try Journal(folder: folder)
        try await journal.addRelease(
            Release(profile: "esp32c3", version: "1.0.0", images: [], sha256: "00", deviceSDK: "c-4.2.0"),
            actor: "test")
        let draft = try await journal.createOrder(
            WorkOrder.Terms(
                productKey: productKey, release: "1.0.0", profile: "esp32c3", quota: 10, registration: mode,
                window: window.flatMap { ProductionWindow($0) }), actor: "test")
        let order = try await journal.changeOrder(draft.id, to: .open, reason: "test", actor: "test")
        let mac = try MACAddress("6055F9000000")
        let run = try await journal.startRun(slot: "s", order: order.id, actor: "test")
        let request = ClaimRule.Request(
            order: order.id, identity: .mac(mac), uid: HardwareUID(hex: "AA", source: .chip), mac: mac, macBlock: 4,
            deviceName: try DeviceName(mac.hex), isUIDIndependent: true)
        guard
            case .admitted(let unit, _) = try await journal.claim(
                run: run, request: request, rule: ClaimRule(), actor: "test")
        else { throw JournalError(.conflict, "the claim was refused") }
        return CloudBed(
            journal: journal, desk: desk, admin: admin, order: order, run: run, unit: unit, cloud: desk.cloud)
    }

    /// Ends the bed's run, so that workflows on its unit may begin.
    func concludeRun(_ outcome: Outcome = .fail, code: FailureCode = .notReady) async throws {
        try await journal.conclude(
            run: run, conclusion: .init(outcome: outcome, failure: outcome == .pass ? nil : Failure(code, "test")),
            isFlashed: true, steps: [], evidence: outcome == .pass ? ["state": "ONLINE"] : nil, details: nil,
            actor: "test")
    }

    /// A workflow on the bed's unit as the journal knows it now.
    func workflow(_ request: UnitRequest, second: String? = nil) async throws -> BoardUnit {
        try await context().workflow(unit.deviceName.text, reason: "test", second: second).perform(request)
    }

    func context() -> CommandContext {
        CommandContext(
            journal: journal, releases: ReleaseStore(dataFolder: journal.folder), profiles: [:], desk: desk,
            actor: "cli:leader")
    }

    /// Registers without pre-registration, as a board of the product would.
    func registerNew(_ name: String? = nil) async throws -> ClientCredential {
        try await DynamicRegistration(cloud: cloud).overMQTTWithoutPreregistration(
            productKey: Self.productKey, deviceName: name ?? unit.deviceName.text, productSecret: Self.productSecret)
    }

    /// Connects once with a credential of its own.
    func connect(_ name: String, _ credential: ClientCredential) async throws {
        try await DeviceConnection(cloud: cloud, productKey: Self.productKey, deviceName: name)
            .withSession(credential: credential) { _ in }
    }

    /// The body of the last record of that kind.
    func lastBody(_ kind: String) async throws -> JSONValue? { try await bodies(kind).last }

    /// The bodies of all records of that kind.
    func bodies(_ kind: String) async throws -> [JSONValue] {
        let lines = Locked<[String]>([])
        try await journal.export(.jsonl) { line in lines.withLock { $0.append(line) } }
        return try lines.withLock { $0 }.compactMap { line in
            let record = try JSONValue(parsing: JSONValue(parsing: line)["record"].string ?? "{}")
            return record["kind"].string == kind ? record["body"] : nil
        }
    }

    var settings: LineSettings {
        LineSettings(stationID: "T", dataFolder: journal.folder, slots: [], stubDirectory: nil)
    }

    /// What every run on a line of this bed would share.
    func parts() -> LineParts {
        LineParts(
            settings: settings, journal: journal, releases: ReleaseStore(dataFolder: journal.folder), desk: desk)
    }

    /// Performs the register step for the unit as the journal knows it now.
    func register(limit: Duration = .seconds(20)) async throws -> String {
        let known = try await journal.unit(unit.id) ?? unit
        return try await RegisterStep(
            journal: journal, desk: desk, patience: Patience(limit: limit, code: .registerCloud) { _ in }, run: run,
            unit: known, actor: "test"
        ).perform()
    }

    /// The failure that registering ends with.
    func registerFailure(limit: Duration = .seconds(20)) async -> FailureCode? {
        do {
            _ = try await register(limit: limit)
            return nil
        } catch { return (error as? Failure)?.code }
    }

    func gate(
        hold: Duration = .seconds(20), copyInterval: Duration = .seconds(3600),
        limits: InstanceLimits = InstanceLimits(), events: LineEvents = LineEvents()
    ) -> OrderGate {
        OrderGate(
            settings: LineSettings(
                stationID: "T", dataFolder: journal.folder, slots: [], stubDirectory: nil, holdAfter: hold,
                probeInterval: .milliseconds(50), copyInterval: copyInterval, limits: limits),
            journal: journal, desk: desk, events: events)
    }
}

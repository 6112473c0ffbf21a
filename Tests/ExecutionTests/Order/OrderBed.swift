import Foundation
import Journal
import Locking
import Provisioning

@testable import Execution

/// A journal with one release and a clock that a test sets; no cloud, no line.
final class OrderBed: Sendable {
    let folder: String
    let journal: Journal
    let events = LineEvents()
    private let time: Locked<Date>

    init(_ now: String = "2026-11-26T03:00:00Z") async throws {
        folder = FileManager.default.temporaryDirectory.path + "/orders-" + UUID().uuidString
        let time = Locked(try Self.instant(now))
        self.time = time
        journal = try Journal(folder: folder, wallClock: { time.withLock { $0 } })
        try await journal.addRelease(
            Release(profile: "esp32c3", version: "1.0.0", images: [], sha256: "00"), actor: "test")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static func instant(_ text: String) throws -> Date { try Date.ISO8601FormatStyle().parse(text) }

    var now: @Sendable () -> Date { { [time] in time.withLock { $0 } } }

    func set(_ text: String) throws {
        let instant = try Self.instant(text)
        time.withLock { $0 = instant }
    }

    /// An open order.
    func order(
        window: String? = nil, rules: OrderRules = OrderRules(), limits: OrderLimits = OrderLimits()
    ) async throws -> WorkOrder {
        let draft = try await journal.createOrder(
            WorkOrder.Terms(
                productKey: "a1test", release: "1.0.0", profile: "esp32c3", quota: 10,
                window: window.flatMap { ProductionWindow($0) }, rules: rules, limits: limits), actor: "test")
        return try await journal.changeOrder(draft.id, to: .open, reason: "test", actor: "test")
    }

    /// A unit whose run ended so.
    func unit(_ mac: String, of order: WorkOrder, _ outcome: Outcome, _ failure: FailureCode?) async throws {
        let address = try MACAddress(mac)
        let run = try await journal.startRun(slot: "1", order: order.id, actor: "test")
        let result = try await journal.claim(
            run: run,
            request: ClaimRule.Request(
                order: order.id, identity: .mac(address), uid: HardwareUID(hex: "AA" + mac, source: .chip),
                mac: address,
                macBlock: 4, deviceName: try DeviceName(mac), isUIDIndependent: true), rule: ClaimRule(), actor: "test")
        guard case .admitted = result else { throw JournalError(.conflict, "\(result)") }
        try await journal.conclude(
            run: run, conclusion: .init(outcome: outcome, failure: failure.map { Failure($0, "") }), isFlashed: true,
            steps: [], evidence: outcome == .pass ? ["state": "ONLINE"] : nil, details: nil, actor: "test")
    }

    /// What commands are carried out with.
    func context(_ profiles: [String: BoardProfile] = [:]) -> CommandContext {
        CommandContext(
            journal: journal, releases: ReleaseStore(dataFolder: folder), profiles: profiles, desk: nil, actor: "test")
    }
}

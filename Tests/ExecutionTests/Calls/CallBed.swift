import Foundation
import Journal
import Provisioning

@testable import Execution

/// A journal in a temporary folder with one open order, and units that have passed.
struct CallBed: Sendable {
    static let key = Secret("a-key-that-is-shared-with-the-mes")
    let journal: Journal
    let order: WorkOrder

    static func with(_ body: @Sendable (CallBed) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/calls-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let journal = try Journal(folder: folder)
        try await journal.addRelease(
            Release(profile: "esp32c3", version: "1.0.0", images: [], sha256: "00"), actor: "test")
        let draft = try await journal.createOrder(
            WorkOrder.Terms(productKey: "a1test", release: "1.0.0", profile: "esp32c3", quota: 100), actor: "test")
        let order = try await journal.changeOrder(draft.id, to: .open, reason: "test", actor: "test")
        try await body(CallBed(journal: journal, order: order))
    }

    /// Runs board `number`, from 1, to its end.
    @discardableResult
    func run(_ number: Int, slot: String = "1", _ failure: Failure? = nil) async throws -> LabelDesk.Job {
        let mac = try Self.mac(number)
        let run = try await journal.startRun(slot: slot, order: order.id, actor: "test")
        try await journal.recordIdentity(
            run: run, phase: "identify", identity: .mac(mac), uid: HardwareUID(hex: "AA" + mac.hex, source: .chip),
            details: nil, actor: "test")
        let request = ClaimRule.Request(
            order: order.id, identity: .mac(mac), uid: HardwareUID(hex: "AA" + mac.hex, source: .chip), mac: mac,
            macBlock: 1, deviceName: try DeviceName(mac.hex), isUIDIndependent: true)
        guard
            case .admitted(let unit, _) = try await journal.claim(
                run: run, request: request, rule: ClaimRule(), actor: "test")
        else { throw JournalError(.conflict, "the claim was refused") }
        try await journal.conclude(
            run: run, conclusion: .init(outcome: failure?.outcome ?? .pass, failure: failure), isFlashed: true,
            steps: [], evidence: failure == nil ? ["state": "ONLINE", "secret_digest": "00ff"] : nil,
            details: ["device_name": .string(unit.deviceName.text)], actor: "test")
        return LabelDesk.Job(unit: unit, order: order, slot: slot, run: run)
    }

    static func mac(_ number: Int) throws -> MACAddress {
        let low = String(number, radix: 16, uppercase: true)
        return try MACAddress("6055F900" + String(repeating: "0", count: 4 - low.count) + low)
    }

    /// The bodies of all records of that kind.
    func bodies(_ kind: RecordKind) async throws -> [JSONValue] {
        try await journal.rows(after: 0, limit: 10_000).map { try JSONValue(parsing: $0.text) }
            .filter { $0["kind"].string == kind.rawValue }.map { $0["body"] }
    }
}

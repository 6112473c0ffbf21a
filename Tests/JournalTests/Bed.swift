import Foundation
import Journal
import Provisioning

/// A journal in a temporary folder with one release and one open order.
final class Bed: Sendable {
    let folder: String
    let journal: Journal
    let order: WorkOrder

    init(quota: Int = 10) async throws {
        folder = FileManager.default.temporaryDirectory.path + "/journal-" + UUID().uuidString
        journal = try Journal(folder: folder)
        try await journal.addRelease(
            Release(profile: "esp32c3", version: "1.0.0", images: [], sha256: "00"), actor: "test")
        let draft = try await journal.createOrder(
            WorkOrder.Terms(productKey: "a1test", release: "1.0.0", profile: "esp32c3", quota: quota), actor: "test")
        order = try await journal.changeOrder(draft.id, to: .open, reason: "test", actor: "test")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func request(
        _ mac: String, uid: String? = nil, source: HardwareUID.Source = .chip, order: String? = nil
    ) throws -> ClaimRule.Request {
        let address = try MACAddress(mac)
        let identity = Identity.mac(address)
        return ClaimRule.Request(
            order: order ?? self.order.id, identity: identity, uid: HardwareUID(hex: uid ?? "AA" + mac, source: source),
            mac: address, macBlock: 4, deviceName: try DeviceNameRule("{mac}").name(for: identity),
            isUIDIndependent: true)
    }

    /// Starts a run and claims; returns the run and what the claim said.
    func claim(_ request: ClaimRule.Request, limit: Int = 3) async throws -> (run: Int64, result: ClaimResult) {
        let run = try await journal.startRun(slot: "s", order: request.order, actor: "test")
        return (
            run, try await journal.claim(run: run, request: request, rule: ClaimRule(runLimit: limit), actor: "test")
        )
    }

    func conclude(_ run: Int64, _ outcome: Outcome, _ failure: Failure? = nil, flashed: Bool = false) async throws {
        try await journal.conclude(
            run: run, conclusion: .init(outcome: outcome, failure: failure), isFlashed: flashed, steps: [],
            evidence: outcome == .pass ? ["state": "ONLINE"] : nil, details: nil, actor: "test")
    }
}

extension ClaimResult {
    var refusal: FailureCode? { if case .refused(let failure) = self { failure.code } else { nil } }
    var unit: BoardUnit? { if case .admitted(let unit, _) = self { unit } else { nil } }
    var admission: RunMachine.Admission? { if case .admitted(_, let admission) = self { admission } else { nil } }
}

import Foundation
import Journal
import NIOHTTP1
import Provisioning

@testable import Operator

extension OperatorBed {
    static let leaderBadge = "BADGE-LEADER-01"
    static let operatorBadge = "BADGE-OPERATOR-1"
    static let ownerBadge = "BADGE-OWNER-001"
    static let pins = ["leader": "739152", "operator": "5831", "owner": "846073"]
    static let badges = ["leader": leaderBadge, "operator": operatorBadge, "owner": ownerBadge]

    /// Somebody of each role, signed in.
    func everybody() async throws -> [Role: BedSession] {
        let engineer = try await start()
        var sessions: [Role: BedSession] = [.engineer: engineer]
        for role in Role.allCases where role != .engineer {
            let (badge, pin) = (Self.badges[role.rawValue] ?? "", Self.pins[role.rawValue] ?? "")
            let added = try await api(
                .POST, "/people",
                [
                    "name": .string("某\(role.rawValue)"), "role": .string(role.rawValue), "badge": .string(badge),
                    "pin": .string(pin),
                ], as: engineer)
            guard added.status == 201 else { throw BedError(text: "adding \(role): \(added.text)") }
            sessions[role] = try await signIn(badge, pin)
        }
        return sessions
    }

    /// An open order.
    func order(quota: Int = 10) async throws -> WorkOrder {
        try await journal.addRelease(
            Release(profile: "esp32c3", version: "1.0.0", images: [], sha256: "00"), actor: "test")
        let draft = try await journal.createOrder(
            WorkOrder.Terms(productKey: "a1test", release: "1.0.0", profile: "esp32c3", quota: quota), actor: "test")
        return try await journal.changeOrder(draft.id, to: .open, reason: "test", actor: "test")
    }

    /// Runs a board once on slot 1 and lets the run end so; nil leaves it open.
    func board(
        _ mac: String, in order: WorkOrder, _ outcome: Outcome?, _ code: FailureCode? = nil, flashed: Bool = true
    ) async throws -> BoardUnit {
        let address = try MACAddress(mac)
        let run = try await journal.startRun(slot: "1", order: order.id, actor: "station:LINE-1")
        let claimed = try await journal.claim(
            run: run,
            request: ClaimRule.Request(
                order: order.id, identity: .mac(address), uid: HardwareUID(hex: "AA" + mac, source: .chip),
                mac: address, macBlock: 4, deviceName: try DeviceName(address.hex), isUIDIndependent: true),
            rule: ClaimRule(), actor: "station:LINE-1")
        guard case .admitted(let unit, _) = claimed else { throw BedError(text: "\(mac) was refused: \(claimed)") }
        if let outcome {
            try await journal.conclude(
                run: run, conclusion: .init(outcome: outcome, failure: code.map { Failure($0, "test") }),
                isFlashed: flashed,
                steps: [StepRecord(step: .identify, startMilliseconds: 0, durationMilliseconds: 900, result: "ok")],
                evidence: outcome == .pass ? ["state": "ONLINE"] : nil, details: nil, actor: "station:LINE-1")
        }
        return unit
    }

    /// Scans.
    func scan(
        _ text: String, as session: BedSession?, id: String = UUID().uuidString
    ) async throws -> BedAnswer {
        try await api(.POST, "/scans", ["id": .string(id), "text": .string(text)], as: session)
    }
}

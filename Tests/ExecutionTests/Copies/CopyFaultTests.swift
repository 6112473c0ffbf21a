import AliyunIoT
import Crypto
import Foundation
import Journal
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("Copies of the station under faults of the two calls that show them")
struct CopyFaultTests {
    private static let isFull = ProcessInfo.processInfo.environment["STATION_FULL"] == "1"
    private static let calls = ["QueryDeviceProp", "SaveDeviceProp"]

    /// What makes the station look.
    enum Occasion: CaseIterable {
        case opening
        case shift
    }

    @Test(
        "an order opens and a shift begins without them, nothing is held, and a copy is found when the trouble is over",
        .timeLimit(.minutes(5)))
    func everyFault() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (turn, fault) in CloudFault.allCases.enumerated() {
                for (index, call) in Self.calls.enumerated() {
                    for (other, occasion) in Occasion.allCases.enumerated() {
                        // In the short form each fault meets one call on one occasion.
                        guard Self.isFull || (turn % 2, turn / 2 % 2) == (index, other) else { continue }
                        group.addTask { try await Self.perform(fault, of: call, at: occasion) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func perform(_ fault: CloudFault, of call: String, at occasion: Occasion) async throws {
        let what = "\(fault.rawValue) of \(call), \(occasion)"
        let signer = StationSigner(key: Curve25519.Signing.PrivateKey())
        try await CloudBed.with(callDeadline: .seconds(5), signer: signer) { bed async throws in
            let events = LineEvents()
            let told = events.watch(.unbounded)
            let gate = bed.gate(copyInterval: .milliseconds(100), events: events)
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                if occasion == .opening { try await bed.admin.set(fault, of: call) }
                group.addTask { try await gate.run() }
                if occasion == .shift {
                    #expect(try await gate.admission(to: bed.order.id, limit: .seconds(60)) { _ in } == nil, "\(what)")
                    try await bed.admin.set(fault, of: call)
                    await gate.probeAgain()
                }
                // From here on only another look can find a copy.
                _ = await told.first {
                    if case .notice(let text, _) = $0 { text.contains("were not looked for") } else { false }
                }
                #expect(try await gate.admission(to: bed.order.id, limit: .seconds(60)) { _ in } == nil, "\(what)")
                // Reconciliation has no need of the two calls.
                _ = try await ReconcileDesk(journal: bed.journal, desk: bed.desk, profiles: [:], actor: "test").run(
                    order: bed.order.id)
                #expect(try await bed.journal.order(bed.order.id)?.state == .open, "\(what)")
                #expect(try await bed.journal.productionHold() == nil, "\(what)")
                try await bed.admin.takeBackCallFaults()
                let isNoticed = try await bed.isNoticed {
                    try await bed.journal.order(bed.order.id)?.holdCode == FailureCode.stationCopied.text
                }
                #expect(isNoticed, "\(what)")
                #expect(try await bed.journal.productionHold()?.cause == .copied, "\(what)")
            }
            #expect(try await bed.journal.verify().isClean, "\(what)")
        }
    }
}

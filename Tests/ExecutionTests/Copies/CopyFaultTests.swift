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
        try await CloudBed.with(callDeadline: .seconds(2), signer: signer) { bed async throws in
            func isOpen() async throws -> Bool { try await bed.journal.order(bed.order.id)?.state == .open }
            var gate = bed.gate(copyInterval: .milliseconds(100))
            _ = try await eventually("the first opening") { try await gate.check(bed.order) == .ready ? true : nil }
            try await bed.admin.set(fault, of: call)
            switch occasion {
            case .opening: gate = bed.gate(copyInterval: .milliseconds(100))
            case .shift: await gate.probeAgain()
            }
            let order = try #require(try await bed.journal.order(bed.order.id))
            #expect(try await gate.check(order) == .ready, "\(what)")
            #expect(try await isOpen(), "\(what)")
            // Reconciliation has no need of the two calls.
            _ = try await ReconcileDesk(journal: bed.journal, desk: bed.desk, profiles: [:], actor: "test").run(
                order: bed.order.id)
            #expect(try await bed.journal.productionHold() == nil, "\(what)")
            try await bed.admin.takeBackCallFaults()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [gate] in try await gate.run() }
                defer { group.cancelAll() }
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

import AliyunIoT
import Foundation
import Journal
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("Steps of a run and of a leader's work under faults of the cloud")
struct StepFaultTests {
    private static let isFull = ProcessInfo.processInfo.environment["STATION_FULL"] == "1"

    @Test(
        "a fault of one call holds the step or lets it wait, never fails it, and in the end it has been done once",
        .timeLimit(.minutes(5)), arguments: CloudFault.allCases)
    func fault(_ fault: CloudFault) async throws {
        // In the short form each fault meets one call of each step, another one than the fault before.
        let turn = CloudFault.allCases.firstIndex(of: fault) ?? 0
        try await withThrowingTaskGroup(of: Void.self) { group in
            for step in FaultyStep.all {
                let calls = Self.isFull ? step.calls : [step.calls[turn % step.calls.count]]
                for call in calls { group.addTask { try await Self.perform(step, fault, of: call) } }
            }
            try await group.waitForAll()
        }
    }

    private static func perform(_ step: FaultyStep, _ fault: CloudFault, of call: String) async throws {
        let what = "\(step.name), \(fault.rawValue) at \(call)"
        // Writes alone are made once; of readings two are spoilt, so that the look after a spoilt write suffers as well.
        try await CloudBed.with(mode: step.mode, callDeadline: .seconds(5)) { bed async throws in
            try await step.prepare(bed)
            try await bed.admin.set(fault, of: call, times: 2)
            // As often as a person would place the board again, or give the command again.
            var attempts = 0
            while attempts < 8 {
                attempts += 1
                do {
                    try await step.perform(bed)
                    break
                } catch let failure as Failure {
                    #expect(failure.outcome == .held, "\(what): \(failure)")
                } catch let error as CloudError {
                    #expect(error.remoteCode == nil || error.retry == .backOff, "\(what): \(error)")
                } catch {
                    Issue.record("\(what): \(error)")
                }
                // What the cloud was late with is carried out now.
                if attempts > 1 { try await bed.admin.takeBackCallFaults() }
            }
            #expect(attempts < 8, "\(what) did not go on")
            #expect(try await step.check(bed), "\(what) did not end as it should")
            #expect(try await bed.journal.verify().isClean)
        }
    }
}

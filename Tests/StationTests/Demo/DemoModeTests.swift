import Foundation
import Provisioning
import Testing

extension ExecutableTests.Demos {
    @Suite("the demo in every mode of registration and activation, on each kind of instance")
    struct DemoModeTests {
        @Test(
            "all boards end as planned", .timeLimit(.minutes(3)),
            arguments: [
                ["--mode", "no-preregistration"], ["--activation", "relay"], ["--instance", "enterprise"],
                ["--mode", "no-preregistration", "--activation", "relay", "--instance", "enterprise"],
                ["--instance", "public", "--channel", "https"],
            ])
        func passes(_ arguments: [String]) async throws {
            try await DemoRun.with(["--boards", "6", "--slots", "3"] + arguments) { demo in
                #expect(demo.ended.code == 0, "\(demo.ended.error.suffix(1000))")
                DemoTests.checkContract(demo)
                #expect(demo.report["passed"].int == 6)
                let records = try await demo.records()
                #expect(records.isChained && records.intentsBeforeTheirClaim.isEmpty)
                #expect(try await verifies(demo.station))
                let effects = Set(records.all("intent.begun").compactMap { $0.body["effect"].string })
                let isRelayed = arguments.contains("relay")
                #expect(effects.isSuperset(of: ["issue", "hand-over", "connect"]) == isRelayed)
                #expect(effects.contains("register") == !arguments.contains("no-preregistration"))
                for run in demo.runs {
                    let before = run["evidence"]["before"]
                    // Without pre-registration there is nothing before the board's own registration.
                    #expect((before == .null) == arguments.contains("no-preregistration"), "\(run.text)")
                    #expect(run["evidence"]["activated_at"].string != nil)
                }
                #expect(records.all("leak.alarmed").isEmpty)
            }
        }

        @Test(
            "every fourth board is activated, the others end as done and were never switched on",
            .timeLimit(.minutes(3)))
        func samples() async throws {
            try await DemoRun.with(["--boards", "9", "--slots", "3", "--activation", "sample=4"]) { demo in
                #expect(demo.ended.code == 0, "\(demo.ended.error.suffix(1000))")
                DemoTests.checkContract(demo)
                #expect(demo.report["passed"].int == 2 && demo.report["done"].int == 7)
                let intents = try await demo.records().all("intent.begun")
                #expect(intents.count { $0.body["effect"].string == "boot" } == 2)
            }
        }

        @Test(
            "trouble of the cloud, or of a board that is not switched on, changes no outcome in any mode",
            .timeLimit(.minutes(3)),
            arguments: [
                ["--activation", "relay", "--faults", "cloud-down=8"],
                ["--mode", "no-preregistration", "--faults", "cloud-down=8"],
                ["--activation", "relay", "--faults", "switch-off=6"],
                ["--activation", "sample=2", "--faults", "no-boot"],
            ])
        func trouble(_ arguments: [String]) async throws {
            try await DemoRun.with(["--boards", "6", "--slots", "3"] + arguments) { demo in
                #expect(demo.ended.code == 0, "\(demo.ended.error.suffix(1000))")
                DemoTests.checkContract(demo)
                let isWhole = try await verifies(demo.station)
                #expect(isWhole)
            }
        }

        @Test(
            "a board that does not keep its credential, or cannot prove it, never passes", .timeLimit(.minutes(3)),
            arguments: ["forgets-credential", "wrong-proof"])
        func relayFaults(_ fault: String) async throws {
            try await DemoRun.with(["--boards", "3", "--slots", "1", "--activation", "relay", "--faults", fault]) {
                demo in
                #expect(demo.ended.code == 0, "\(demo.ended.error.suffix(1000))")
                #expect(demo.report["passed"].int == 2 && demo.report["failed"].int == 1)
                #expect(demo.runs.compactMap { $0["failure_code"].string } == ["AC-105"])
            }
        }
    }
}

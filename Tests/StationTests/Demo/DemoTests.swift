import Foundation
import Provisioning
import Testing

extension ExecutableTests.Demos {
    @Suite("the demo without faults")
    struct DemoTests {
        @Test(
            "24 boards on 8 slots pass, each with one claim of its own and the cloud's evidence",
            .timeLimit(.minutes(5)))
        func wide() async throws {
            try await DemoRun.with(["--boards", "24", "--slots", "8"]) { demo in
                #expect(demo.ended.code == 0, "\(demo.ended.error.suffix(1000))")
                Self.checkContract(demo)
                Self.checkPasses(demo, boards: 24)
                #expect(Set(demo.runs.compactMap { $0["slot"].string }).count == 8)
                let records = try await demo.records()
                #expect(records.isChained)
                #expect(try await verifies(demo.station))
                #expect(records.firstClaims.count == 24)
                #expect(Set(records.firstClaims.compactMap { $0.body["identity"].string }).count == 24)
                #expect(Set(records.firstClaims.compactMap { $0.body["unit"].int }).count == 24)
                #expect(records.all("claim.bound").count == 24)
                #expect(records.intentsBeforeTheirClaim.isEmpty)
            }
        }

        @Test(
            "boards are told apart by IMEI or SN, and may register over HTTPS", .timeLimit(.minutes(3)),
            arguments: [["--identity", "imei"], ["--identity", "sn"], ["--channel", "https"]])
        func kinds(_ arguments: [String]) async throws {
            try await DemoRun.with(["--boards", "3", "--slots", "2"] + arguments) { demo in
                #expect(demo.ended.code == 0, "\(demo.ended.error.suffix(1000))")
                Self.checkContract(demo)
                Self.checkPasses(demo, boards: 3)
                let planned = Set(
                    try demo.placedBoards().compactMap {
                        $0["imei"].string ?? $0["sn"].string ?? $0["mac"].string
                    })
                #expect(Set(demo.runs.compactMap { $0["identity"].string }) == planned)
                #expect(try await verifies(demo.station))
            }
        }

        @Test("a program that lies away from the board profiles is told where they are", .timeLimit(.minutes(3)))
        func elsewhere() async throws {
            try await withTemporaryFolder { folder in
                let moved = Program(path: folder + "/station")
                try FileManager.default.copyItem(atPath: Program.station.path, toPath: moved.path)
                let demo = ["demo", "--boards", "1", "--slots", "1", "--data", folder + "/data"]
                let untold = try await moved.run(demo)
                #expect(untold.code != 0 && untold.error.contains("--home"), "\(untold.error.suffix(1000))")
                let told = try await moved.run(demo + ["--home", Program.sources + "/Station"])
                #expect(told.isSuccess, "\(told.error.suffix(1000))")
            }
        }

        /// One object alone on standard output, with every key of the contract and counts that add up.
        static func checkContract(_ demo: DemoRun) {
            let lines = demo.ended.output.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == 2 && lines.last == "", "standard output has \(lines.count - 1) lines")
            #expect(demo.report.object != nil)
            let problems = JSONShape.demo.problems(demo.report)
            #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
            let counts = ["passed", "done", "failed", "held", "interrupted", "aborted"]
            #expect(counts.reduce(0) { $0 + (demo.report[$1].int ?? 0) } == demo.report["boards"].int)
            for run in demo.runs {
                let isGood = ["pass", "done"].contains(run["outcome"].string)
                #expect((run["failure_code"] == .null) == isGood, "\(run.text)")
                // A pass is never without the cloud's proof, and nothing else comes with one.
                #expect((run["evidence"] == .null) == (run["outcome"].string != "pass"), "\(run.text)")
                let steps = (run["steps"].array ?? []).compactMap { $0["name"].string }
                #expect(Set(steps).count == steps.count, "a step stands twice: \(steps)")
            }
        }

        private static func checkPasses(_ demo: DemoRun, boards: Int) {
            #expect(demo.report["boards"].int == Int64(boards))
            #expect(demo.report["passed"].int == Int64(boards))
            #expect(demo.runs.count == boards)
            #expect(Set(demo.runs.compactMap { $0["device_name"].string }).count == boards)
            for run in demo.runs {
                #expect(run["outcome"].string == "pass" && run["fault"] == .null)
                let steps = run["steps"].array ?? []
                #expect(steps.compactMap { $0["name"].string }.sorted() == JSONShape.steps.sorted())
                #expect(steps.allSatisfy { $0["result"].string == "ok" })
                let evidence = run["evidence"]
                // A fresh name: registered and never active before the board had its power, active after.
                #expect(evidence["before"]["state"].string == "UNACTIVE")
                #expect(evidence["before"]["activated_at"] == .null && evidence["before"]["online_at"] == .null)
                #expect(evidence["state"].string == "ONLINE")
                #expect(evidence["activated_at"].string != nil && evidence["online_at"].string != nil)
            }
        }
    }
}

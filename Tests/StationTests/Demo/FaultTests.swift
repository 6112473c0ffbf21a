import Foundation
import Provisioning
import Testing

extension ExecutableTests.Demos {
    @Suite("the demo's faults")
    struct FaultTests {
        @Test(
            "a fault ends with its code, never in a false pass, and leaves the other boards alone",
            .timeLimit(.minutes(4)), arguments: FaultCase.all)
        func fault(_ fault: FaultCase) async throws {
            let arguments = ["--boards", "\(fault.boards)", "--slots", "2", "--faults", fault.fault]
            try await DemoRun.with(arguments) { demo in
                #expect(demo.ended.code == 0, "\(demo.ended.error.suffix(1500))")
                DemoTests.checkContract(demo)
                #expect(demo.report["boards"].int == Int64(fault.boards))
                #expect(demo.runs.count == fault.boards)
                let hit = demo.runs.filter { $0["fault"].string == fault.fault }
                let healthy = demo.runs.filter { $0["fault"] == .null }
                #expect(hit.count + healthy.count == demo.runs.count)
                #expect(healthy.allSatisfy { $0["outcome"].string == "pass" })
                Self.check(hit, fault)
                try Self.checkIdentities(demo)
                let boards = try demo.plannedBoards()
                if let written = fault.written { #expect(try boards.count(where: demo.isWritten) == written) }
                // Whoever is swapped in must not be written.
                let swappedIn = try demo.swappedInBoards()
                #expect(try !swappedIn.isEmpty && !swappedIn.contains(where: demo.isWritten))
                #expect(try await verifies(demo.station))
                let records = try await demo.records()
                #expect(records.intentsBeforeTheirClaim.isEmpty)
                try await Self.checkOrder(demo, records, fault)
            }
        }

        private static func check(_ hit: [JSONValue], _ fault: FaultCase) {
            let ends = hit.map { "\($0["outcome"].string ?? "?") \($0["failure_code"].string ?? "-")" }
            let outcomes = hit.compactMap { $0["outcome"].string }
            let codes = hit.compactMap { $0["failure_code"].string }
            switch fault.ending {
            case .onePasses(let code):
                #expect(outcomes.sorted() == ["held", "pass"] && codes == [code], "\(ends)")
                return
            case .pass: #expect(outcomes.allSatisfy { $0 == "pass" }, "\(ends)")
            case .fail(let known):
                #expect(outcomes.allSatisfy { $0 == "fail" } && codes.allSatisfy(known.contains), "\(ends)")
            case .held(let code):
                #expect(outcomes.allSatisfy { $0 == "held" } && codes.allSatisfy { $0 == code }, "\(ends)")
            case .passOrFail(let families):
                #expect(outcomes.allSatisfy { ["pass", "fail"].contains($0) }, "\(ends)")
                #expect(codes.allSatisfy { code in families.contains { code.hasPrefix($0) } }, "\(ends)")
            }
            #expect(hit.count == (fault.hitsAll ? fault.boards : 1), "\(ends)")
        }

        /// Whatever the line does, no identity is read that no board of the demo carries.
        private static func checkIdentities(_ demo: DemoRun) throws {
            let planned = Set(try demo.placedBoards().compactMap { $0["mac"].string })
            let read = demo.runs.compactMap { $0["identity"].string }
            #expect(read.allSatisfy(planned.contains), "\(read) of \(planned)")
        }

        /// What trouble of the cloud leaves in the order.
        private static func checkOrder(_ demo: DemoRun, _ records: JournalRecords, _ fault: FaultCase) async throws {
            let changes = records.all("order.changed").map(\.body)
            let holds = changes.filter { $0["to"].string == "held" }
            let listed = try await Program.station.run(["order", "list", "--json", "--data", demo.station])
            let order = try JSONValue(parsing: listed.output).array?.first ?? .null
            switch fault.fault {
            case "switch-off":
                #expect(order["state"].string == "held" && order["hold_code"].string == "RG-202")
            case "switch-off=3":
                #expect(holds.contains { $0["hold_code"].string == "RG-202" })
                #expect(order["state"].string == "open")
            case "cloud-down=4":
                // The trouble really met the boards: nobody can be done before it is over.
                #expect((demo.report["duration_s"].int ?? 0) >= 4)
                #expect(order["state"].string == "open")
            default:
                #expect(holds.isEmpty)
                #expect(order["state"].string == "open")
            }
        }
    }
}

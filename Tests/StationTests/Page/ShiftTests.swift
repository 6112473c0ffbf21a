import Foundation
import Provisioning
import Testing

extension ExecutableTests.Lines {
    @Suite("the operator's page of a running station, in a real browser")
    struct ShiftTests {
        static let python = ProcessInfo.processInfo.environment["STATION_VENV"].map { $0 + "-page/bin/python" }
        static let hasBrowser =
            ["/usr/bin/chromium", "/usr/bin/chromedriver", python ?? ""].allSatisfy {
                FileManager.default.isExecutableFile(atPath: $0)
            }

        @Test(
            "a whole shift by scans: sign-in, order, first article, eight boards, a duplicate, a re-flash, a reset, a replacement, the end",
            .timeLimit(.minutes(10)),
            .enabled(if: hasBrowser, "needs chromium, chromium-driver, and STATION_VENV-page with selenium"))
        func shift() async throws {
            let (failing, faulty, duplicate, spare) = (5, 15, 19, 10)
            let ways = StationBed.Ways(
                slots: 4,
                moreBoards: { bed in
                    func board(_ id: Int, like other: Int, uid: Int, fault: JSONValue = nil) -> JSONValue {
                        [
                            "id": .init(id), "mac": .string(bed.deviceName(other)), "uid": .string(StationBed.uid(uid)),
                            "flash": .string(bed.flash(uid)), "fault": fault,
                        ]
                    }
                    return [
                        // The failing board before its repair.
                        board(
                            faulty, like: failing, uid: failing,
                            fault: ["kind": "stuck-bit", "offset": 0x12345, "bit": 3, "value": nil]),
                        board(duplicate, like: 1, uid: duplicate), board(spare, like: spare, uid: spare),
                    ]
                }, hasPage: true, opensOrder: false, orderOptions: [])
            try await StationBed.with(.fixture(boards: 8), ways) { bed in
                let plan: JSONValue = [
                    "order": .string(bed.order), "slots": .object(bed.controls.mapValues { .string($0) }),
                    "boards": .array((1...8).map { ["id": .init($0), "name": .string(bed.deviceName($0))] }),
                    "failing": .init(failing), "faulty": .init(faulty), "duplicate": .init(duplicate),
                    "spare": ["id": .init(spare), "name": .string(bed.deviceName(spare))],
                ]
                let file = bed.folder + "/shift.json"
                try plan.text.write(toFile: file, atomically: true, encoding: .utf8)
                let (ended, status) = try await bed.serve {
                    let page = try await bed.page()
                    let shots = ProcessInfo.processInfo.environment["STATION_SHOTS"].map { ["--shots", $0] } ?? []
                    return try await Program(path: Self.python ?? "").run(
                        [Program.sources + "/Tests/page/shift.py", "--base", page.url, "--plan", file] + shots,
                        input: page.code + "\n", within: .seconds(540))
                }
                #expect(ended.isSuccess, "\(ended.error.suffix(3000))")
                #expect(status == 0)
                let figures = try JSONValue(parsing: ended.output)
                #expect(figures["claimed"].int == 8 && figures["passed"].int == 8, "\(ended.output)")
                let records = try await bed.records()
                #expect(records.isChained && records.intentsBeforeTheirClaim.isEmpty)
                // Every change by a person has that person's name.
                let people = ["order.changed", "workflow.begun", "first-article"].flatMap { records.all($0) }
                    .map(\.actor).filter { !$0.hasPrefix("station:") }
                #expect(!people.isEmpty && people.allSatisfy { $0.hasPrefix("person:") })
            }
        }
    }
}

import Foundation
import Provisioning

/// One `station demo --json` that has run, with its folder.
struct DemoRun: Sendable {
    /// `--data`.
    let folder: String
    let ended: Program.Ended
    /// What standard output carried.
    let report: JSONValue

    /// Runs a demo in a folder of its own.
    static func with(
        _ arguments: [String], within limit: Duration = .seconds(180), _ body: (DemoRun) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let data = folder + "/demo"
            let ended = try await Program.station.run(
                ["demo", "--json", "--data", data] + arguments, within: limit)
            guard let report = try? JSONValue(parsing: ended.output) else {
                throw TestTrouble("demo \(arguments): no JSON on standard output; errors: \(ended.error.suffix(2000))")
            }
            try await body(DemoRun(folder: data, ended: ended, report: report))
        }
    }

    var station: String { folder + "/station" }
    var runs: [JSONValue] { report["runs"].array ?? [] }

    /// The journal's records.
    func records() async throws -> JournalRecords {
        guard let records = try await JournalRecords.export(station) else {
            throw TestTrouble("the demo left no journal in \(station)")
        }
        return records
    }

    /// What the fixture was told of its boards; the last ones, one for each slot, belong to nobody.
    func plannedBoards() throws -> [JSONValue] {
        try JSONValue(parsing: String(contentsOfFile: folder + "/boards/plan.json", encoding: .utf8))["boards"].array
            ?? []
    }

    /// Those of them that are placed, one after the other; the others are swapped in by a fault, one for each slot.
    func placedBoards() throws -> ArraySlice<JSONValue> { try plannedBoards().prefix(Int(report["boards"].int ?? 0)) }

    func swappedInBoards() throws -> ArraySlice<JSONValue> {
        try plannedBoards().dropFirst(Int(report["boards"].int ?? 0))
    }

    /// Whether something else than FF stands in a planned board's flash.
    func isWritten(_ board: JSONValue) throws -> Bool {
        guard let file = board["flash"].string, FileManager.default.fileExists(atPath: file) else { return false }
        return try bytes(of: file).contains { $0 != 0xFF }
    }
}

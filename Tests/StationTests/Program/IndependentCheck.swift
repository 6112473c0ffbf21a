import Foundation

/// `Tests/reports/check.py`: what the station says, computed once more by other code in another language.
enum IndependentCheck {
    /// Python, of which nothing but its standard library is needed; nil where it is not there.
    static let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Reports against an exported journal.
    static func reports(_ files: [String], journal: String) async throws -> Program.Ended {
        try await run(["report", journal] + files)
    }

    /// A closed batch's folder.
    static func archive(_ folder: String) async throws -> Program.Ended { try await run(["archive", folder]) }

    /// The last reconciliation of the station in a data folder.
    /// - Parameter number: of the reconciliation.
    static func rows(_ data: String, order: String, number: Int64) async throws -> Program.Ended {
        let journal = data + "/export.jsonl"
        try await export(data, to: journal)
        defer { try? FileManager.default.removeItem(atPath: journal) }
        return try await run(["rows", journal, order, "\(data)/reconcile/\(number).jsonl"])
    }

    /// `station journal export` into a file.
    static func export(_ data: String, to file: String) async throws {
        let ended = try await Program(path: "/bin/sh").run(
            ["-c", #""$0" journal export --data "$1" > "$2""#, Program.station.path, data, file])
        guard ended.isSuccess else { throw TestTrouble("journal export of \(data): \(ended.error)") }
    }

    private static func run(_ arguments: [String]) async throws -> Program.Ended {
        guard let python else { throw TestTrouble("there is no python3") }
        return try await Program(path: python).run(
            ["-B", Program.sources + "/Tests/reports/check.py"] + arguments, within: .seconds(600))
    }
}

import Foundation
import Journal
import Provisioning

/// What an archive's files must say, computed from its records and its reconciliation.
struct ArchiveContent {
    let folder: String
    let manifest: ArchiveManifest
    let chain: ChainScan
    let spool: FactSpool

    /// Everything that does not agree, although every file is as its SHA-256 says.
    func findings() throws -> [ArchiveFinding] {
        var found = try agreement()
        for name in ["units.csv", "report.json", "reconciliation.csv"] where found.isEmpty {
            if let difference = try difference(in: name) { found.append(difference) }
        }
        return found
    }

    /// The first line of a file that is not as the records and the reconciliation make it; nil where it agrees, or cannot
    /// be computed.
    func difference(in name: String) throws -> ArchiveFinding? {
        switch name {
        case "units.csv":
            var compare = try LineComparison(folder, name)
            try compare.expect(UnitTable.head + "\n")
            try UnitTable.lines(spool) { try compare.expect($0 + "\n") }
            return try compare.finish()
        case "report.json":
            var compare = try LineComparison(folder, name)
            guard let expected = try report() else { return nil }
            for line in expected.split(separator: "\n") { try compare.expect(line + "\n") }
            return try compare.finish()
        case "reconciliation.csv":
            guard FileManager.default.fileExists(atPath: folder + "/reconciliation.jsonl") else { return nil }
            var compare = try LineComparison(folder, name)
            try compare.expect(ReconciliationTable.head + "\n")
            try rows { try compare.expect(ReconciliationTable.line($0) + "\n") }
            return try compare.finish()
        default: return nil
        }
    }

    private func rows(_ body: (JSONValue) throws -> Void) throws {
        var lines = try ByteLines(folder + "/reconciliation.jsonl")
        while let line = try lines.next() {
            guard let row = try? RecordFields.parse(Array(line)) else { return }
            try body(row)
        }
    }

    private func figures() throws -> Figures {
        var figures = FigureAccumulator(scope: .batch(order: manifest.order, quota: manifest.quota))
        try spool.facts(order: manifest.order) { figures.add($0) }
        return figures.finish()
    }

    /// The report's text with every figure computed anew; nil where the file is no report.
    private func report() throws -> String? {
        guard let data = FileManager.default.contents(atPath: folder + "/report.json"),
            case .object(var members) = try? JSONValue(parsing: String(decoding: data, as: UTF8.self))
        else { return nil }
        // A key that no report has would put the lines in another order.
        let head: Set = ["report", "title", "station", "made_at", "shift", "from", "until"]
        members = members.filter { head.contains($0.key) }
        for (key, value) in try figures().json() { members[key] = value }
        members["cut"] = manifest.json["chain"]["head"]
        members["order"] = manifest.json["order"]
        return JSONLines.text(.object(members))
    }

    /// Where the manifest's words do not agree with the records.
    private func agreement() throws -> [ArchiveFinding] {
        let figures = try figures().json()
        var found: [ArchiveFinding] = []
        func compare(_ outer: String, _ key: String, _ expected: JSONValue) {
            let received = manifest.json[outer][key]
            guard received != expected else { return }
            found.append(
                ArchiveFinding(
                    ArchiveManifest.name, line: manifest.line(of: key, in: outer),
                    expected: "\(key) \(expected.text), as the records tell it", received: received.text))
        }
        compare("chain", "head", ["seq": .int(chain.head.seq), "hash": .string(chain.head.hash)])
        compare("records", "lines", .int(chain.head.seq - manifest.before.seq))
        compare("records", "whole", .int(chain.whole))
        for outer in ["counts", "rates"] {
            for (key, value) in (figures[outer]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                compare(outer, key, value)
            }
        }
        for (key, value) in (chain.reconciliation.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            compare("reconciliation", key, value)
        }
        let recorded = [
            "rows_sha256": "reconciliation.jsonl", "cloud_sha256": "cloud.jsonl", "packed_sha256": "packed.csv",
        ]
        for (key, name) in recorded.sorted(by: { $0.value < $1.value }) {
            guard let told = chain.reconciliation[key].string, let file = manifest.files[name], file.sha256 != told
            else { continue }
            found.append(
                ArchiveFinding(name, expected: "SHA-256 \(told), as its record tells it", received: file.sha256))
        }
        if manifest.json["configuration"] != .array(chain.changes) {
            found.append(
                ArchiveFinding(
                    ArchiveManifest.name, line: nil, expected: "the configuration that the records tell",
                    received: "another"))
        }
        return found
    }
}

/// Compares a file with the lines it should have, one after the other.
struct LineComparison: ~Copyable {
    private let name: String
    private var lines: ByteLines
    private var number = 0
    private var found: ArchiveFinding?

    init(_ folder: String, _ name: String) throws {
        self.name = name
        lines = try ByteLines(folder + "/" + name)
    }

    /// - Parameter expected: the next line, with its end.
    mutating func expect(_ expected: some StringProtocol) throws {
        guard found == nil else { return }
        number += 1
        let line = try lines.next()
        let bytes = Array(expected.utf8)
        guard line.map({ $0.elementsEqual(bytes) }) != true else { return }
        guard let line else {
            found = ArchiveFinding(
                name, line: number, expected: ArchiveScan.shown(bytes), received: "the end of the file")
            return
        }
        let shown = ArchiveScan.shown(bytes, Array(line))
        found = ArchiveFinding(name, line: number, expected: shown.expected, received: shown.received)
    }

    /// The first difference; nil where the file has these lines and no more.
    mutating func finish() throws -> ArchiveFinding? {
        if let found { return found }
        guard let line = try lines.next() else { return nil }
        return ArchiveFinding(
            name, line: number + 1, expected: "the end of the file", received: ArchiveScan.shown(line))
    }
}

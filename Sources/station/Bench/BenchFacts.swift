import ArgumentParser
import Foundation
import GRDB
import Journal
import Locking
import Provisioning

/// A journal of a month's claims and runs, made for a measurement: through the journal's own records, from a seed.
struct BenchFacts {
    let units: Int
    private var random = DemoRandom(seed: 6)

    init(units: Int) { self.units = units }

    private static let month: Int64 = 30 * 86_400_000
    /// 2026-11-01T00:00:00Z.
    private static let begin: Int64 = 1_793_491_200_000

    func write(to folder: String) async throws {
        let now = Locked(Self.begin)
        let journal = try Journal(simulationIn: folder) {
            Date(timeIntervalSince1970: Double(now.withLock { $0 }) / 1000)
        }
        var made = self
        var run: Int64 = 0
        for unit in 1...Int64(units) {
            let start = Self.begin + unit * Self.month / Int64(units + 1)
            now.withLock { $0 = start }
            var isFirst = true
            repeat {
                run += 1
                let body = made.conclusion(run: run, unit: unit, isFirst: isFirst, started: start)
                try await journal.append(
                    kind: .claimBound, actor: "station:bench",
                    body: [
                        "run": .int(run), "unit": .int(unit), "order": body["order"], "first": .bool(isFirst),
                        "shift": body["shift"], "started": body["started"],
                    ])
                now.withLock { $0 += 24_000 }
                try await journal.append(kind: .runConcluded, actor: "station:bench", body: body)
                isFirst = false
                if body["unit_state"] == "passed" || body["unit_state"] == "held" { break }
            } while made.chance(80)
        }
        _ = try await journal.finishSimulation()
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private static let codes = ["FL-102", "AC-101", "BT-101", "ID-101", "VF-101", "RG-201"]

    /// The body of `run.concluded` as far as figures read it.
    private mutating func conclusion(run: Int64, unit: Int64, isFirst: Bool, started: Int64) -> JSONValue {
        let day = String(UTCTime.text(started).prefix(10))
        let (outcome, state): (Outcome, BoardUnit.State?) =
            switch Int.random(in: 0..<1000, using: &random) {
            case 0..<940: (.pass, .passed)
            case 940..<985: (.fail, .failed)
            case 985..<995: (.held, .held)
            default: (.interrupted, nil)
            }
        let flash = Int.random(in: 12_000...19_000, using: &random)
        var steps = [
            step("identify", 0, 900), step("claim", 900, 12), step("register", 912, 300), step("flash", 912, flash),
        ]
        if outcome == .pass {
            steps += [
                step("verify", flash + 912, 1900), step("boot", flash + 2812, 2100),
                step("activate", flash + 4912, 3700),
                step("conclude", flash + 8612, 60),
            ]
        }
        let code = outcome == .pass ? nil : Self.codes[Int(run) % Self.codes.count]
        return [
            "run": .int(run), "unit": .int(unit), "slot": .string(String(unit % 8 + 1)), "order": "WO-0001",
            "outcome": .string(outcome.rawValue), "failure_code": .init(code), "steps": .array(steps),
            "started": .string(UTCTime.text(started)), "shift": .string(day + "/day"),
            "shift_concluded": .string(day + "/day"), "operator": .string(["Li Wei", "Wang Fang"][Int(unit % 2)]),
            "release": "1.4.0", "mode": "full", "activation": "board", "first": .bool(isFirst),
            "unit_state": .init(state?.rawValue),
        ]
    }

    private func step(_ name: String, _ start: Int, _ duration: Int) -> JSONValue {
        ["name": .string(name), "start_ms": .init(start), "duration_ms": .init(duration), "result": "ok"]
    }

    // MARK: - The table of facts as a whole

    /// How much a journal holds.
    struct Size: Sendable {
        let facts, units: Int
        /// When its first run began and its last record of a unit was written; milliseconds since 1970.
        let first, last: Int64
        let seq: Int64
    }

    static func size(of folder: String) throws -> Size {
        // Opened first as a journal: a folder without one, or of another version, is told apart.
        _ = try Journal(folder: folder, access: .readOnly)
        var configuration = Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: folder + "/journal.sqlite", configuration: configuration).read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*), count(DISTINCT unit), min(coalesce(started, time)), max(time), max(seq) FROM fact
                    """)
            guard let row, let first: Int64 = row[2] else {
                throw ValidationError("\(folder) has no runs yet: there is nothing to report on")
            }
            return Size(facts: row[0], units: row[1], first: first, last: row[3], seq: row[4])
        }
    }

    /// Makes a journal whose facts are those of another one several times over, each time as much later as they last.
    static func `repeat`(_ source: String, times: Int, in folder: String) async throws {
        let size = try size(of: source)
        do {
            let journal = try Journal(simulationIn: folder) { Date(timeIntervalSince1970: 0) }
            _ = try await journal.finishSimulation()
        }
        let queue = try DatabaseQueue(path: folder + "/journal.sqlite")
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: "ATTACH ? AS source", arguments: [source + "/journal.sqlite"])
            let columns = try db.columns(in: "fact").map { "\"\($0.name)\"" }
            let units = try Int64.fetchOne(db, sql: "SELECT max(unit) FROM source.fact") ?? 0
            for time in 0..<Int64(times) {
                let (later, behind) = ((size.last + 1 - size.first) * time, size.seq * time)
                let values = columns.map { column in
                    switch column {
                    case "\"unit\"": "CASE unit WHEN 0 THEN 0 ELSE unit + \(units * time) END"
                    case "\"seq\"": "seq + \(behind)"
                    case "\"time\"", "\"started\"": "\(column) + \(later)"
                    default: column
                    }
                }
                try db.inTransaction {
                    try db.execute(
                        sql: """
                            INSERT INTO main.fact (\(columns.joined(separator: ", ")))
                            SELECT \(values.joined(separator: ", ")) FROM source.fact ORDER BY unit, seq
                            """)
                    return .commit
                }
            }
            try db.execute(
                sql: """
                    INSERT INTO main.record (seq, text, digest, hash)
                    SELECT ?, text, digest, hash FROM source.record ORDER BY seq DESC LIMIT 1
                    """, arguments: [size.seq * Int64(times)])
            try db.execute(sql: "DETACH source; PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }
}

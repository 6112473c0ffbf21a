import Foundation
import GRDB
import Journal
import Provisioning
import Reports

/// The ways of joining that are measured, each in a process of its own.
enum ReconcileSide: String, Sendable, CaseIterable {
    /// The station's merge join.
    case station
    /// SQLite's own joins, on the same files.
    case sqlite

    /// What one run found.
    struct Found: Sendable {
        var seconds: Double
        /// KiB in RAM when everything was open and nothing joined yet, and at the most.
        var idle: Int
        var peak: Int
        var counts: [String: Int]
        var digest: String

        var json: JSONValue {
            [
                "microseconds": .init(Int(seconds * 1_000_000)), "idle_kib": .init(idle), "peak_kib": .init(peak),
                "counts": .object(counts.mapValues { .init($0) }), "digest": .string(digest),
            ]
        }
    }

    func run(_ data: ReconcileData) async throws -> Found {
        switch self {
        case .station: try await Self.join(data)
        case .sqlite: try await Self.query(data)
        }
    }

    private static func join(_ data: ReconcileData) async throws -> Found {
        let snapshot = try await Journal(folder: data.journal, access: .readOnly).nameSnapshot()
        let spool = try CloudSpool(path: data.spool)
        let rule = ReconcileRule(
            order: ReconcilePlant.order, window: ProductionWindow(ReconcilePlant.window))
        let idle = PeakMemory.now
        PeakMemory.reset()
        var hash = FoundHash()
        let start = ContinuousClock.now
        let counts = try await Reconciliation(rule: rule).run(
            journal: snapshot.names(productKey: ReconcilePlant.productKey), cloud: spool.devices,
            packed: NothingPacked(), tellsAgreeing: false
        ) { match in hash.add(match.key, match.first.name) }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return Found(
            seconds: seconds, idle: idle, peak: PeakMemory.most,
            counts: Dictionary(uniqueKeysWithValues: counts.map { ($0.name, $1) }), digest: hash.digest)
    }

    private static func query(_ data: ReconcileData) async throws -> Found {
        let queue = try DatabaseQueue(path: data.journal + "/journal.sqlite")
        let spool = data.spool
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: "ATTACH ? AS cloud", arguments: [spool])
        }
        let idle = PeakMemory.now
        PeakMemory.reset()
        let start = ContinuousClock.now
        let (counts, digest) = try await queue.writeWithoutTransaction { db in
            var (counts, hash): ([String: Int], FoundHash) = ([:], FoundHash())
            let rows = try Row.fetchCursor(db, sql: ReconcileSQL.sqlite)
            while let row = try rows.next() {
                let (key, found): (String, String) = (row[0], row[1])
                counts[found, default: 0] += 1
                if found != ReconcileClass.ok.name { hash.add(key, found) }
            }
            return (counts, hash.digest)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return Found(seconds: seconds, idle: idle, peak: PeakMemory.most, counts: counts, digest: digest)
    }
}

/// No packing list.
private struct NothingPacked: AsyncSequence, Sendable {
    typealias Element = [PackedName]
    typealias Failure = any Error

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }

    struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        mutating func next() async throws -> [PackedName]? { nil }
    }
}

/// This process's memory in RAM (proc(5): `VmRSS`, `VmHWM`, `clear_refs`), in KiB.
enum PeakMemory {
    static var now: Int { figure("VmRSS:") }
    static var most: Int { figure("VmHWM:") }

    /// Lets the most begin at what it is now.
    static func reset() {
        guard let file = fopen("/proc/self/clear_refs", "w") else { return }
        fputs("5", file)
        fclose(file)
    }

    private static func figure(_ name: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
}

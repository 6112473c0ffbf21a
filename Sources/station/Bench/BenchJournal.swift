import ArgumentParser
import Foundation
import Journal
import Provisioning

/// `station bench journal`: what the hash-chained journal costs beside plain SQLite with the same promise.
struct BenchJournal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Counts durable commits of the journal and of plain SQLite on the same disk.",
        discussion: """
            Both write one typical record a commit, in WAL mode with synchronous = FULL: when a commit returns, it \
            survives a power loss. SQLite is driven through its C interface with a prepared row; the journal also reads \
            the chain's head, builds the record's text and hashes it. One writer, then 32 slots at once; the four cases \
            take turns in three slices each. With 32 writers a commit's time includes its wait for the others.

            The disk decides: give the station's own with --folder; on a RAM disk the figures mean nothing.

            Examples:
              station bench journal --folder /var/lib/provisioning-station
              station bench journal --seconds 10 --json
            """)

    @Option(help: "Time for each of the four cases, 1 to 600 seconds.") var seconds = 3
    @OptionGroup var options: BenchOptions

    private static let slots = 32
    private static let slices = 3

    func validate() throws {
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds \(seconds): expected 1 to 600") }
    }

    /// The four cases.
    struct Found: Sendable {
        var rawOne = RateMeter()
        var journalOne = RateMeter()
        var rawMany = RateMeter()
        var journalMany = RateMeter()
        var fileSystem = "?"
        var rowBytes = 0
    }

    func run() async throws {
        let machine = BenchMachine.read()
        let found = try await options.withFolder { try await measure(in: $0) }
        options.finish(report(machine, found))
    }

    private func measure(in folder: String) async throws -> Found {
        var found = Found()
        found.fileSystem = FileSystem.kind(of: folder)
        let journal = try Journal(folder: folder + "/journal")
        let raw = try RawSQLite(path: folder + "/raw.sqlite")
        let row = Self.row()
        found.rowBytes = row.text.utf8.count + row.digest.count + row.hash.count
        let append: @Sendable () async throws -> Void = {
            try await journal.append(kind: .intentFinished, actor: "station:bench", body: Self.body)
        }
        let commit: @Sendable () throws -> Void = { try raw.commit(row) }
        // The first commits make the WAL file and fill the caches.
        for _ in 0..<20 {
            try await append()
            try commit()
        }
        let slice = Duration.seconds(seconds) / Self.slices
        for number in 1...Self.slices {
            options.progress("slice \(number) of \(Self.slices) ...")
            try await found.rawOne.measureOnThreads(workers: 1, for: slice, commit)
            try await found.journalOne.measure(workers: 1, for: slice, append)
            try await found.rawMany.measureOnThreads(workers: Self.slots, for: slice, commit)
            try await found.journalMany.measure(workers: Self.slots, for: slice, append)
        }
        return found
    }

    private func report(_ machine: BenchMachine, _ found: Found) -> BenchReport {
        func line(_ name: String, _ meter: RateMeter) -> String {
            let samples = meter.samples
            return "\(name)\(meter.perSecond.map { BenchText.fixed($0, 0) } ?? "-") commits/s   p50 "
                + "\(BenchText.time(samples.percentile(50))) p99 \(BenchText.time(samples.percentile(99)))"
        }
        let one = ratio(found.journalOne, found.rawOne)
        let many = ratio(found.journalMany, found.rawMany)
        var figures = [
            line("1 writer    sqlite3   ", found.rawOne), line("            journal   ", found.journalOne),
            "            ratio     \(BenchText.ratio(one))", line("32 slots    sqlite3   ", found.rawMany),
            line("            journal   ", found.journalMany), "            ratio     \(BenchText.ratio(many))",
        ]
        if ["tmpfs", "ramfs"].contains(found.fileSystem) {
            figures.append("note      \(found.fileSystem) keeps nothing: give a folder on a disk with --folder")
        }
        return BenchReport(
            name: "journal", machine: machine,
            method: [
                "a row of \(found.rowBytes) bytes a commit, WAL, synchronous = FULL, on \(found.fileSystem); \(seconds) s a case "
                    + "in \(Self.slices) slices by turns;",
                "sqlite3: C interface, prepared row, one connection, behind a lock for 32 threads; journal: "
                    + "Journal.append, 32 tasks; ratio: journal / sqlite3 in commits a second.",
            ], figures: figures,
            values: [
                "seconds": .init(seconds), "file_system": .string(found.fileSystem),
                "row_bytes": .init(found.rowBytes), "one_sqlite3": json(found.rawOne),
                "one_journal": json(found.journalOne), "one_ratio_thousandths": .init(BenchText.thousandths(one)),
                "slots": .init(Self.slots), "slots_sqlite3": json(found.rawMany),
                "slots_journal": json(found.journalMany), "slots_ratio_thousandths": .init(BenchText.thousandths(many)),
            ])
    }

    private func ratio(_ part: RateMeter, _ whole: RateMeter) -> Double? {
        guard let part = part.perSecond, let whole = whole.perSecond, whole > 0 else { return nil }
        return part / whole
    }

    private func json(_ meter: RateMeter) -> JSONValue {
        let samples = meter.samples
        return [
            "commits": .init(samples.sorted.count),
            "per_second": .init(meter.perSecond.map { Int($0.rounded()) }),
            "p50_us": .init(BenchText.microseconds(samples.percentile(50))),
            "p99_us": .init(BenchText.microseconds(samples.percentile(99))),
        ]
    }

    /// A record of usual length: a finished intent with its readings.
    private static let body: JSONValue = [
        "run": 12345, "unit": 6789, "effect": "register", "key": "a1B2c3D4e5F/6055F9000004",
        "result": [
            "iot_id": "Q7uOhVRdZRRlDnTLv7eW000000", "request_id": "57b144cf-09fc-4916-a272-a62902d5b207",
            "cloud_date": "Mon, 23 Nov 2026 08:00:00 GMT", "state": "UNACTIVE", "before": nil,
        ],
    ]

    private static func row() -> RawSQLite.Row {
        let record: JSONValue = [
            "seq": 123456, "time": .string(Timestamp.text(Date())),
            "mono_ns": .string(String(Timestamp.monotonic())), "actor": "station:bench",
            "kind": .string(RecordKind.intentFinished.rawValue), "body": body,
        ]
        let text = record.text
        var chain = Chain()
        let digest = chain.append(text: text)
        return RawSQLite.Row(text: text, digest: digest, hash: chain.head)
    }
}

/// The kind of file system a folder is on.
enum FileSystem {
    /// As the kernel names it: `ext4`, `tmpfs`; the longest mount point that holds the folder counts.
    static func kind(of folder: String) -> String {
        let path = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        var best = (length: 0, kind: "unknown file system")
        for line in BenchMachine.text("/proc/self/mounts").split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2 else { continue }
            let point = fields[1] == "/" ? "/" : fields[1] + "/"
            guard (path + "/").hasPrefix(point), point.count >= best.length else { continue }
            best = (point.count, String(fields[2]))
        }
        return best.kind
    }
}

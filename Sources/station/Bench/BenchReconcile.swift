import ArgumentParser
import Foundation
import Provisioning
import Subprocess
import SystemPackage

/// `station bench reconcile`: the merge join beside SQLite's own joins and DuckDB, on the same data.
struct BenchReconcile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Joins a million journal names with a million devices, beside SQLite's own joins and DuckDB.",
        discussion: """
            Two names in a hundred are planted, with every class that journal and cloud can show. Each way runs in a process of \
            its own, several times by turns; the best time counts, and the most memory above what the process had before it \
            joined. All must find the same names in the same classes: those that were planted, and no other.

            The station and SQLite read the journal's and the spool's files. DuckDB reads the same rows from CSV files into its \
            own tables; both its times are told. It is the Python package duckdb, looked for with the python3 of --python, of \
            STATION_VENV, or of the path; without it that column is left out, with the reason.

            Examples:
              station bench reconcile
              station bench reconcile --names 200000 --rounds 1 --python venv/bin/python3 --json
            """)

    @Option(help: "Names on each side, 1000 to 10000000.") var names = 1_000_000
    @Option(help: "Times each way runs, 1 to 20.") var rounds = 3
    @Option(help: ArgumentHelp("A Python with the package duckdb.", valueName: "path")) var python: String?
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard (1000...10_000_000).contains(names) else {
            throw ValidationError("--names \(names): expected 1000 to 10000000")
        }
        guard (1...20).contains(rounds) else { throw ValidationError("--rounds \(rounds): expected 1 to 20") }
    }

    func run() async throws {
        let machine = BenchMachine.read()
        let (content, found, missing) = try await options.withFolder { folder in
            let data = ReconcileData(folder: folder)
            let content = try await data.make(names) { options.progress($0) }
            var found: [String: ReconcileRun] = [:]
            var missing: String?
            for round in 1...rounds {
                options.progress("round \(round) of \(rounds) ...")
                for side in ReconcileSide.allCases {
                    let run = try await Self.side(side, folder)
                    found[side.rawValue] = run.better(than: found[side.rawValue])
                }
                guard missing == nil else { continue }
                do { found["duckdb"] = try await duckDB(data).better(than: found["duckdb"]) } catch {
                    missing = "\(error)"
                }
            }
            return (content, found, missing)
        }
        options.finish(report(machine, content, found, missing))
        for (name, run) in found where run.digest != content.digest || run.differing != content.planted {
            note("\(name) found other rows than were planted: \(run.differing)")
            throw ExitCode.failure
        }
    }

    /// One run of a way in a process of its own.
    private static func side(_ side: ReconcileSide, _ folder: String) async throws -> ReconcileRun {
        try await ReconcileRun(
            output: call(
                StationHome.executablePath() ?? "/proc/self/exe", ["bench", "reconcile-side", side.rawValue, folder]))
    }

    private func duckDB(_ data: ReconcileData) async throws -> ReconcileRun {
        let venv = ProcessInfo.processInfo.environment["STATION_VENV"].map { $0 + "/bin/python3" }
        let path = python ?? venv ?? "/usr/bin/python3"
        return try await ReconcileRun(output: Self.call(path, ["-c", ReconcileSQL.duckDB(data)]))
    }

    /// What a program printed.
    private static func call(_ path: String, _ arguments: [String]) async throws -> String {
        let ended = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        guard ended.terminationStatus.isSuccess else {
            let said = ended.standardError.split(separator: "\n").last.map(String.init) ?? "it said nothing"
            throw ValidationError("\(path): \(said)")
        }
        return ended.standardOutput
    }

    // MARK: - What is told

    private func report(
        _ machine: BenchMachine, _ content: ReconcileData.Content, _ found: [String: ReconcileRun], _ missing: String?
    ) -> BenchReport {
        func line(_ title: String, _ run: ReconcileRun?) -> String {
            guard let run else { return "\(title)left out: \(missing ?? "it did not run")" }
            let load = run.load.map { " + \(BenchText.time($0)) to load" } ?? ""
            return "\(title)\(BenchText.time(run.time))\(load)   \(run.memory / 1024) MiB above the idle process"
        }
        let (own, duck) = (found["station"], found["duckdb"])
        let planted = content.planted.values.reduce(0, +)
        var figures = [
            line("station   ", own), line("sqlite3   ", found["sqlite"]), line("duckdb    ", duck),
            "planted   \(planted) names in \(content.planted.count) classes: all found, none invented by "
                + found.filter { $1.digest == content.digest }.keys.sorted().joined(separator: ", "),
        ]
        for (name, run) in [("sqlite3", found["sqlite"]), ("duckdb, loaded", duck)] {
            figures.append(
                "ratio     \(BenchText.ratio(BenchText.quotient(own?.time, run?.time))) station / \(name)")
        }
        if let duck, let load = duck.load {
            figures.append(
                "ratio     \(BenchText.ratio(BenchText.quotient(own?.time, duck.time + load))) station / duckdb, with loading"
            )
        }
        return BenchReport(
            name: "reconcile", machine: machine,
            method: [
                "\(content.names) names in the journal, \(content.devices) devices in the spool, one in "
                    + "\(ReconcilePlant.share) planted; best of \(rounds) by turns, each in a process of its own;",
                "station and sqlite3 read the same SQLite files, duckdb the same rows from CSV.",
            ], figures: figures,
            values: [
                "names": .init(content.names), "devices": .init(content.devices), "planted": .init(planted),
                "rounds": .init(rounds), "classes": .init(content.planted.count), "digest": .string(content.digest),
                "station": own?.json ?? .null, "sqlite3": found["sqlite"]?.json ?? .null,
                "duckdb": duck?.json ?? .null, "duckdb_missing": .init(missing),
            ])
    }
}

/// What one way found, and what it took.
struct ReconcileRun: Sendable {
    var time: Duration
    /// Time to bring the rows into its own tables; nil where it reads the files as they are.
    var load: Duration?
    /// KiB above the idle process.
    var memory: Int
    /// How many of each class, without those that agree.
    var differing: [String: Int]
    var digest: String

    /// Reads the last line a way printed.
    init(output: String) throws {
        let value = try JSONValue(parsing: output.split(separator: "\n").last.map(String.init) ?? "")
        guard let time = value["microseconds"].int, let idle = value["idle_kib"].int,
            let peak = value["peak_kib"].int, let digest = value["digest"].string
        else { throw ValidationError("no result: \(output.suffix(300))") }
        self.time = .microseconds(time)
        load = value["load_microseconds"].int.map { .microseconds($0) }
        memory = Int(max(0, peak - idle))
        differing = (value["counts"].object ?? [:]).compactMapValues { $0.int.map { Int($0) } }
            .filter { $0.key != "ok" }
        self.digest = digest
    }

    /// The shorter time of two runs with the most memory of either.
    func better(than other: ReconcileRun?) -> ReconcileRun {
        guard let other else { return self }
        var best = time <= other.time ? self : other
        best.memory = max(memory, other.memory)
        return best
    }

    var json: JSONValue {
        [
            "us": .init(BenchText.microseconds(time)), "load_us": .init(load.flatMap { BenchText.microseconds($0) }),
            "memory_kib": .init(memory), "digest": .string(digest),
        ]
    }
}

/// `station bench reconcile-side`: one way of joining, for `bench reconcile`.
struct BenchReconcileSide: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile-side", abstract: "Joins once and prints what it found.", shouldDisplay: false)

    @Argument(help: "station or sqlite.") var side: ReconcileSide
    @Argument(help: "The data's folder.") var folder: String

    func run() async throws { print(try await side.run(ReconcileData(folder: folder)).json.text) }
}

extension ReconcileSide: ExpressibleByArgument {}

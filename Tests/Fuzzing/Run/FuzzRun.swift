public import Foundation

/// Runs a target in the process of a test: its seeds, then mutations of them, the same ones for the same seed.
public struct FuzzRun: Sendable {
    /// Longest time of one input, in seconds of its thread's own processor time: load of others does not count.
    public static let longest = 5.0

    /// An input that broke a property, or took too long.
    public struct Finding: Error, CustomStringConvertible {
        public let description: String
    }

    /// What a run did.
    public struct Tally: Sendable {
        public var seeds = 0
        public var mutations = 0
        /// The slowest input, in seconds of processor time.
        public var slowest = 0.0
    }

    private let seed: UInt64
    private let count: Int
    private let fixtures: URL
    private let scratch: URL

    /// - Parameters:
    ///   - count: mutations.
    ///   - fixtures: the folder that has a folder of seeds for each target.
    ///   - scratch: where the input under way lies as `NAME.input`, for whoever has to find out why the process died.
    public init(seed: UInt64, count: Int, fixtures: URL, scratch: URL) {
        (self.seed, self.count, self.fixtures, self.scratch) = (seed, count, fixtures, scratch)
    }

    /// As the tests run a target: its own number of mutations, fifty times as many with `STATION_FULL=1`; `STATION_FUZZ_SEED`
    /// makes others of them.
    /// - Throws: ``Finding``, or an error of the file system.
    public static func inTests(_ target: FuzzTarget) throws -> Tally {
        let environment = ProcessInfo.processInfo.environment
        let times = environment["STATION_FULL"] == "1" ? 50 : 1
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let run = FuzzRun(
            seed: environment["STATION_FUZZ_SEED"].flatMap { UInt64($0) } ?? 7, count: target.count * times,
            fixtures: root.appendingPathComponent("Fixtures"), scratch: scratchFolder)
        return try run.run(target)
    }

    /// Where inputs under way lie.
    public static var scratchFolder: URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("station-fuzz")
    }

    /// - Throws: ``Finding``, or an error of the file system.
    public func run(_ target: FuzzTarget) throws -> Tally {
        let seeds = try Self.seeds(of: target, in: fixtures)
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        let file = scratch.appendingPathComponent("\(target.name).input")
        guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
            throw Finding(description: "cannot write \(file.path)")
        }
        let underWay = try FileHandle(forWritingTo: file)
        defer {
            try? underWay.close()
            try? FileManager.default.removeItem(at: file)
        }

        var tally = Tally()
        func run(_ input: [UInt8], _ what: String) throws {
            try underWay.truncate(atOffset: 0)
            try underWay.write(contentsOf: input)
            let start = Self.processorTime
            do {
                try target.check(input)
            } catch {
                throw Finding(description: "\(target): \(what): \(error); input \(Self.shown(input))")
            }
            let time = Self.processorTime - start
            tally.slowest = max(tally.slowest, time)
            guard time < Self.longest else {
                throw Finding(
                    description:
                        "\(target): \(what) of \(input.count) bytes took \(time) s, at most \(Self.longest) s are "
                        + "allowed; input \(Self.shown(input))")
            }
        }
        for (name, input) in seeds {
            try run(input, name)
            tally.seeds += 1
        }
        var mutator = Mutator(
            random: SeededRandom(seed: seed, name: target.name), words: target.words, limit: target.limit)
        let begin = seeds.isEmpty ? [[]] : seeds.map(\.input)
        for number in 0..<count {
            var input = mutator.input(from: begin)
            // Every other one with check values that fit: both ways a stranger's bytes may come.
            if let mend = target.mend, number.isMultiple(of: 2) { input = mend(input) }
            try run(input, "mutation \(number) of seed \(seed)")
            tally.mutations += 1
        }
        return tally
    }

    /// The target's own seeds and the files of its folder, by name.
    public static func seeds(of target: FuzzTarget, in fixtures: URL) throws -> [(name: String, input: [UInt8])] {
        let folder = fixtures.appendingPathComponent(target.name)
        let names =
            FileManager.default.fileExists(atPath: folder.path)
            ? try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() : []
        return target.seeds.enumerated().map { ("seed \($0)", $1) }
            + (try names.filter { !$0.hasSuffix(".md") }.map {
                ($0, Array(try Data(contentsOf: folder.appendingPathComponent($0)).prefix(target.limit)))
            })
    }

    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// In Base64, which is copied into a file of `Fixtures`.
    private static func shown(_ input: [UInt8]) -> String { Data(input.prefix(4096)).base64EncodedString() }
}

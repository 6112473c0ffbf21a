import Foundation
import Locking
import Testing

/// Cuts a workflow off at every place that it passes.
///
/// ```
///   once uncut ─► the log of its places ─► for each: a new board, cut off there, begun again, finished ─► invariants
/// ```
/// No place is listed by hand: what the uncut run has logged is what is cut. The places are dealt out to a few lines that
/// work at once.
struct CrashMatrix: Sendable {
    /// One cut: a stage of the workflow, and the place in it.
    struct Cut: Hashable, Sendable, CustomStringConvertible {
        let stage: Int
        let name: String
        /// The how manyth time it is passed.
        let number: Int
        var description: String { "\(name)#\(number)" }
    }

    #if DEBUG
        /// Release builds have no places to be cut at.
        static let isPossible = true
    #else
        static let isPossible = false
    #endif

    /// Whether all is asked for: `sh Station/test.sh --full`.
    static let isFull = ProcessInfo.processInfo.environment["STATION_FULL"] == "1"

    let workflow: CrashWorkflow
    /// Lines that work at once.
    var lines = 2
    /// Of the cuts found, those that are made; by default all.
    var choice: @Sendable ([Cut]) -> [Cut] = { $0 }
    /// Whether what goes on after the cut is cut off at the same place once more, where it passes it.
    var isTwice = false

    /// Makes the cuts.
    /// - Returns: every cut the workflow offers, made or not.
    @discardableResult
    func run() async throws -> [Cut] {
        let began = ContinuousClock.now
        let found = try await discover()
        let chosen = choice(found)
        let later = try await withThrowingTaskGroup(of: [Cut].self) { group in
            for line in 0..<min(lines, chosen.count) {
                let cuts = chosen.enumerated().filter { $0.offset % lines == line }.map(\.element)
                group.addTask { try await make(cuts) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        // What is passed only once in the life of a data folder takes a line of its own. How often the cloud is asked or a
        // lamp is told may differ from time to time; that it is passed at all may not.
        var missed: [Cut] = []
        for cut in later { missed += try await make([cut]) }
        #expect(missed.allSatisfy { $0.number > 1 }, "\(workflow.name): not passed again: \(missed)")
        print(
            "\(workflow.name): cut at \(chosen.count - missed.count) of \(found.count) places in \(ContinuousClock.now - began)"
        )
        return found
    }

    /// The places of one uncut time.
    private func discover() async throws -> [Cut] {
        try await onLine(boards: 1) { line in
            try await workflow.prepare(line, 1)
            var cuts: [Cut] = []
            for (index, stage) in workflow.stages.enumerated() {
                let log = line.bed.folder + "/places-\(index)"
                let ending = try await stage.run(line, 1, .logged(log))
                #expect(ending == .ended(0), "\(workflow.name), \(stage.name)")
                var passed: [String: Int] = [:]
                for name in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init) {
                    passed[name, default: 0] += 1
                    cuts.append(Cut(stage: index, name: name, number: passed[name] ?? 1))
                }
            }
            try await workflow.check(line, 1)
            try await line.checkInvariants(after: "\(workflow.name) uncut")
            try await workflow.end(line, 1 + workflow.boardsEach)
            return cuts
        }
    }

    /// Makes these cuts on one line, each with a board of its own.
    /// - Returns: those whose place was not passed any more.
    private func make(_ cuts: [Cut]) async throws -> [Cut] {
        try await onLine(boards: cuts.count) { line in
            var left: [Cut] = []
            for (index, cut) in cuts.enumerated() {
                do {
                    if try await !make(cut, line, board: index + 1) { left.append(cut) }
                } catch {
                    let log = (try? String(contentsOfFile: line.bed.folder + "/serve.log", encoding: .utf8)) ?? ""
                    throw TestTrouble("\(workflow.name) cut at \(cut): \(error)\n\(log.suffix(1500))")
                }
            }
            try await workflow.end(line, cuts.count * workflow.boardsEach + 1)
            return left
        }
    }

    /// - Returns: whether it was cut off.
    private func make(_ cut: Cut, _ line: CrashLine, board: Int) async throws -> Bool {
        let began = ContinuousClock.now
        try await workflow.prepare(line, board)
        for stage in workflow.stages.prefix(cut.stage) { _ = try await stage.run(line, board, .none) }
        let ending = try await workflow.stages[cut.stage].run(line, board, .cut(cut.description))
        if isTwice { _ = try await workflow.stages[cut.stage].run(line, board, .cut(cut.description)) }
        for stage in workflow.stages.dropFirst(cut.stage) {
            let again = try await stage.run(line, board, .none)
            #expect(again == .ended(0), "\(workflow.name) cut at \(cut), then \(stage.name)")
        }
        try await workflow.check(line, board)
        try await line.checkInvariants(after: "\(workflow.name) cut at \(cut)")
        // At once, for a run of hours may be ended before its end.
        if Self.isFull {
            FileHandle.standardError.write(Data("\(workflow.name): \(cut): \(ContinuousClock.now - began)\n".utf8))
        }
        return ending == .cut
    }

    /// A line whose quota is that of these times, and one board more.
    private func onLine<Value: Sendable>(
        boards: Int, _ body: @escaping @Sendable (CrashLine) async throws -> Value
    ) async throws -> Value {
        var ways = workflow.ways
        ways.quota = boards * workflow.boardsEach
        let result = Locked<Value?>(nil)
        try await StationBed.with(.fixture(boards: ways.quota + 1), ways) { bed in
            try await ReconcileFloor.with(bed) { cloud in
                let line = CrashLine(bed: bed, journal: CrashJournal(folder: bed.data), cloud: cloud)
                try await workflow.around(line) { line in
                    let value = try await body(line)
                    result.withLock { $0 = value }
                }
            }
        }
        guard let value = result.now else { throw TestTrouble("\(workflow.name) did not come to its end") }
        return value
    }
}

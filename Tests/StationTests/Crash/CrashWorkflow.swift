/// One thing that a station does, in processes that run one after another. Each of them is cut off at each of its places,
/// and then asked for again as a person would ask.
struct CrashWorkflow: Sendable {
    /// One process.
    struct Stage: Sendable {
        let name: String
        /// Runs it with the board of that number until its work is done, or until it is cut off.
        let run: @Sendable (CrashLine, _ board: Int, CrashLine.Places) async throws -> CrashLine.Ending
    }

    typealias Work = @Sendable (CrashLine, _ board: Int) async throws -> Void

    let name: String
    var ways = StationBed.Ways()
    /// Boards that one time takes; its board `n` is that of number `n`, the others follow after all of these.
    var boardsEach = 1
    /// What stands around a new line while it works.
    var around: @Sendable (CrashLine, @escaping @Sendable (CrashLine) async throws -> Void) async throws -> Void = {
        try await $1($0)
    }
    /// Brings board and cloud to where it begins.
    var prepare: Work = { _, _ in }
    let stages: [Stage]
    /// What must be so after it, whether it was cut off or not.
    var check: Work = { _, _ in }
    /// What must be so at the end of a line; the board is one more than its quota allows.
    var end: Work = { line, _ in try await line.checkBatch() }

    /// Everything that a station does besides a first run.
    static let others = [
        plant, closing, ghosts, preregistration, backup, relayWithoutPreregistration, relay, withoutPreregistration,
        replace,
        reset, reflash, scrap, leak, decisions, installation, network,
    ]
}

extension CrashWorkflow.Stage {
    /// `serve` until a run of the board on the slot has ended by itself.
    static let serve = CrashWorkflow.Stage(name: "serve") { line, _, places in try await line.serveOneRun(places) }

    /// A command with the bed's configuration.
    static func command(
        _ name: String, statuses: Set<Int32> = [0], refusals: [String] = [],
        _ arguments: @escaping @Sendable (CrashLine, Int) -> [String]
    ) -> CrashWorkflow.Stage {
        CrashWorkflow.Stage(name: name) { line, board, places in
            try await line.command(
                arguments(line, board) + ["--config", line.bed.configuration], places, statuses: statuses,
                refusals: refusals)
        }
    }
}

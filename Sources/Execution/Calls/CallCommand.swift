import Bench

/// A program as a list of words, with places to fill in; no shell is between.
struct CallCommand: Sendable {
    let words: [String]

    /// Fills in `{name}` for each value, runs the program and waits for its end; status 0 = done.
    /// - Throws: ``CallTrouble``; `CancellationError`.
    func run(_ values: [String: String] = [:], input: [UInt8] = [], within limit: Duration) async throws {
        let filled = words.map { word in
            values.reduce(word) { $0.replacing("{\($1.key)}", with: $1.value) }
        }
        guard let program = filled.first else { throw CallTrouble("the command is empty", mayHaveArrived: false) }
        do {
            let path = try ToolRunner.locate(program)
            let outcome = try await ToolRunner().run(path, Array(filled.dropFirst()), input: input, within: limit)
            let last = outcome.tail.last.map { ": \($0.prefix(160))" } ?? ""
            switch outcome.ending {
            case .exited(0): return
            case .exited(let status): throw CallTrouble("\(program) ended with status \(status), expected 0\(last)")
            case .signalled(let number): throw CallTrouble("\(program) was ended by signal \(number)\(last)")
            case .timedOut: throw CallTrouble("\(program) did not end within \(limit.sentence) and was stopped\(last)")
            }
        } catch let error as ToolError {
            if error.code == .cancelled { throw CancellationError() }
            throw CallTrouble(error.sentence, mayHaveArrived: false)
        }
    }
}

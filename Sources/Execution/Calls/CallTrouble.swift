/// A call that was not answered as agreed: no connection, no answer in time, an answer of another kind.
struct CallTrouble: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence with what was expected and received; the peer is named by host and port alone.
    let description: String
    /// Whether the other side may have received the call although it did not answer.
    let mayHaveArrived: Bool
    /// Whether nothing is known but that the time was over.
    let isLate: Bool

    init(_ description: String, mayHaveArrived: Bool = true, isLate: Bool = false) {
        (self.description, self.mayHaveArrived, self.isLate) = (description, mayHaveArrived, isLate)
    }
}

/// Runs `work` for at most `limit`, then cancels it and waits for its end.
/// - Throws: ``CallTrouble`` with `late` when the time is over; what `work` throws.
func inTime<Value: Sendable>(
    _ limit: Duration, late: @autoclosure @Sendable () -> String, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else { throw CallTrouble(late(), isLate: true) }
        return value
    }
}

extension Duration {
    /// In seconds, as a sentence names it.
    var sentence: String {
        let tenths = components.seconds * 10 + components.attoseconds / 100_000_000_000_000_000
        return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
}

/// The time an operation was given is over.
struct DeadlinePassed: Error {}

/// Runs `operation` for at most `limit`; then cancels it, waits for its end and throws ``DeadlinePassed``.
///
/// The operation must answer to cancellation.
func withDeadline<R: Sendable>(
    _ limit: Duration, operation: @escaping @Sendable () async throws -> R
) async throws -> R {
    try await withThrowingTaskGroup(of: R.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw DeadlinePassed()
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw DeadlinePassed() }
        return result
    }
}

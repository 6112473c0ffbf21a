import Bench

/// A slot of the station's: work on a board blocks on a thread of its own.
actor Slot {
    private let thread: SlotThread

    init(_ name: String) { thread = SlotThread(name: name) }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    /// Runs `body` on the slot's thread.
    func loader<Value: Sendable>(
        _ body: @Sendable () throws(LoaderError) -> Value
    ) -> Result<Value, LoaderError> {
        do throws(LoaderError) { return .success(try body()) } catch { return .failure(error) }
    }

    /// Runs `body`, which may throw anything, on the slot's thread.
    func run<Value: Sendable>(_ body: @Sendable () throws -> Value) -> Result<Value, any Error> {
        Result(catching: body)
    }
}

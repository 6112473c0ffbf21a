public import Hummingbird
import Logging
import ServiceLifecycle

extension Application {
    /// Serves until the calling task is cancelled; then it stops listening, cuts the open connections, cancels what still
    /// answers them, and returns.
    ///
    /// The library's own task is cancelled only after it has stopped listening: before, it would drop connections that were
    /// accepted and not begun, and SwiftNIO ends the whole program for each of them.
    /// - Parameter connections: those the application has open; its channels are told to it by a handler of theirs.
    /// - Throws: what kept it from listening.
    public func serve(_ connections: OpenConnections) async throws {
        let services = ServiceGroup(
            configuration: .init(
                services: [.init(service: self, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: Logger(label: "web", factory: { _ in SwiftLogNoOpLogHandler() })))
        let serving = Task { try await services.run() }
        let result = await withTaskGroup { group in
            group.addTask { await serving.result }
            group.addTask {
                // Ends by cancellation alone: when serving is over, or when the caller has enough.
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
                await services.triggerGracefulShutdown()
                connections.closeAll()
                // Time to take up what was accepted last; this task is cancelled and would not sleep itself.
                _ = await Task { try await Task.sleep(for: .milliseconds(50)) }.result
                serving.cancel()
                return await serving.result
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .success(())
        }
        connections.closeAll()
        if !Task.isCancelled { try result.get() }
    }
}

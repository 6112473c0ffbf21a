import NIOCore
import NIOPosix
import Simulation

/// Looks again and again until there is something to see.
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(60), isolation: isolated (any Actor)? = #isolation,
    _ look: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let found = try await look() { return found }
        guard ContinuousClock.now < deadline else { throw NeverCame(what: what, limit: limit) }
        try await Task.sleep(for: .milliseconds(5))
    }
}

struct NeverCame: Error, CustomStringConvertible {
    let what: String
    let limit: Duration

    var description: String { "\(what) did not come within \(limit)" }
}

extension PlantServer {
    /// Waits until `count` calls have come.
    func calls(_ count: Int) async throws -> [Call] {
        try await eventually("call \(count)") { self.calls.count >= count ? self.calls : nil }
    }
}

extension PlantPrinter {
    /// Waits until `count` labels have come.
    func labels(_ count: Int) async throws -> [String] {
        try await eventually("label \(count)") { self.labels.count >= count ? self.labels : nil }
    }
}

/// A port at which nobody listens.
func freePort() async throws -> Int {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .bind(host: "127.0.0.1", port: 0).get()
    let port = server.localAddress?.port ?? 0
    try await server.close()
    return port
}

import Foundation
import HTTPTypes
import Hummingbird
import Locking
import Logging
import NIOCore
import Provisioning

/// A real HTTP server in the place of a plant's MES or andon: keeps every call, answers as the test says.
final class PlantServer: Sendable {
    /// One call as it came.
    struct Call: Sendable {
        let path: String
        let headers: HTTPFields
        let body: [UInt8]

        var json: JSONValue { (try? JSONValue(parsing: String(decoding: body, as: UTF8.self))) ?? .null }

        func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
    }

    enum Reply: Sendable {
        case status(Int, String = "")
        /// Never answers.
        case silence
    }

    let url: String
    private let kept: Locked<[Call]>
    private let script: Locked<@Sendable (_ number: Int, Call) -> Reply>

    private init(url: String, _ script: @escaping @Sendable (Int, Call) -> Reply) {
        self.url = url
        kept = Locked([])
        self.script = Locked(script)
    }

    var calls: [Call] { kept.withLock { $0 } }

    /// Answers differently from now on.
    func answer(_ script: @escaping @Sendable (_ number: Int, Call) -> Reply) { self.script.withLock { $0 = script } }

    /// Waits until `count` calls have come.
    func calls(_ count: Int) async throws -> [Call] {
        try await eventually("call \(count)") { self.calls.count >= count ? self.calls : nil }
    }

    /// Serves while `body` runs, on `port`, 0 = a free one.
    /// - Parameter script: what the call of that number, from 0, is answered.
    static func with(
        port: Int = 0, _ script: @escaping @Sendable (_ number: Int, Call) -> Reply,
        _ body: @Sendable (PlantServer) async throws -> Void
    ) async throws {
        let holder = Locked<PlantServer?>(nil)
        let (ready, announce) = AsyncStream.makeStream(of: Int.self)
        let router = Router()
        router.post("**") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            let call = Call(path: request.uri.path, headers: request.headers, body: Array(body.readableBytesView))
            guard let server = holder.withLock({ $0 }) else { return Response(status: .serviceUnavailable) }
            switch server.take(call) {
            case .status(let code, let text):
                return Response(status: .init(code: code), body: .init(byteBuffer: ByteBuffer(string: text)))
            case .silence:
                try await Task.sleep(for: .seconds(600))
                return Response(status: .ok)
            }
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { announce.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "plant", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { announce.finish() }
                try await application.run()
            }
            guard let port = await ready.first(where: { _ in true }) else { return try await group.waitForAll() }
            let server = PlantServer(url: "http://127.0.0.1:\(port)/hook", script)
            holder.withLock { $0 = server }
            let result: Result<Void, any Error>
            do { result = .success(try await body(server)) } catch { result = .failure(error) }
            group.cancelAll()
            _ = await group.nextResult()
            try result.get()
        }
    }

    private func take(_ call: Call) -> Reply {
        let number = kept.withLock { calls in
            calls.append(call)
            return calls.count - 1
        }
        return script.withLock { $0 }(number, call)
    }
}

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

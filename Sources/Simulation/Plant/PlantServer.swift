import Locking
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import WebServing
public import Provisioning

/// An HTTP server in the place of a plant's MES or andon: keeps every call, answers as it is told.
public final class PlantServer: Sendable {
    /// One call as it came.
    public struct Call: Sendable {
        public let path: String
        public let body: [UInt8]
        private let headers: HTTPFields

        fileprivate init(path: String, body: [UInt8], headers: HTTPFields) {
            (self.path, self.body, self.headers) = (path, body, headers)
        }

        /// The body; null where it is no JSON.
        public var json: JSONValue { (try? JSONValue(parsing: String(decoding: body, as: UTF8.self))) ?? .null }

        public func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
    }

    public enum Reply: Sendable {
        case status(Int, String = "")
        /// Never answers.
        case silence
    }

    /// What the call of that number, from 0, is answered.
    public typealias Script = @Sendable (_ number: Int, Call) -> Reply

    /// `http://127.0.0.1:PORT/hook`; every path of the server is served.
    public let url: String
    private let kept = Locked<[Call]>([])
    private let script: Locked<Script>

    private init(port: Int, _ script: @escaping Script) {
        url = "http://127.0.0.1:\(port)/hook"
        self.script = Locked(script)
    }

    /// Every call so far, in the order of their coming.
    public var calls: [Call] { kept.withLock { $0 } }

    /// Answers differently from now on.
    public func answer(_ script: @escaping Script) { self.script.withLock { $0 = script } }

    /// Serves on the loopback while `body` runs.
    /// - Parameter port: 0 = a free one.
    /// - Throws: what `body` throws, and why the port cannot be had.
    public static func with(
        port: Int = 0, _ script: @escaping Script, _ body: @Sendable (PlantServer) async throws -> Void
    ) async throws {
        let holder = Locked<PlantServer?>(nil)
        let (ready, announce) = AsyncStream.makeStream(of: Int.self)
        let router = Router()
        router.post("**") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            let call = Call(path: request.uri.path, body: Array(body.readableBytesView), headers: request.headers)
            guard let server = holder.withLock({ $0 }) else { return Response(status: .serviceUnavailable) }
            switch server.take(call) {
            case .status(let code, let text):
                return Response(status: .init(code: code), body: .init(byteBuffer: ByteBuffer(string: text)))
            case .silence:
                try await Task.sleep(for: .seconds(600))
                return Response(status: .ok)
            }
        }
        let connections = OpenConnections()
        let application = Application(
            router: router,
            server: .http1(configuration: .init(additionalChannelHandlers: [ConnectionTracker(connections)])),
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { announce.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "plant", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { announce.finish() }
                try await application.serve(connections)
            }
            guard let port = await ready.first(where: { _ in true }) else { return try await group.waitForAll() }
            let server = PlantServer(port: port, script)
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

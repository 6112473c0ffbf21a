import AsyncHTTPClient
import Foundation
import Locking
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Provisioning

/// Posts JSON to servers of the plant: one deadline over connection, head and body; redirects are not followed, because a
/// signed call is meant for one server.
///
/// The connections are made at the first call. ``shutdown()`` closes them; a client that made a call must be shut down.
final class CallClient: Sendable {
    /// An answer, whole.
    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]

        var isSuccess: Bool { (200..<300).contains(status) }
    }

    /// Largest answer that is read, in bytes.
    static let longestAnswer = 64 << 10

    private enum State {
        case idle
        case open(HTTPClient)
        case closed
    }

    private let caFile: String?
    private let state = Locked(State.idle)

    /// - Parameter caFile: authorities to trust in place of the system's, a PEM file.
    init(caFile: String?) { self.caFile = caFile }

    /// Posts `body`.
    /// - Throws: ``CallTrouble``; `CancellationError` when the task is cancelled.
    func post(
        _ url: String, _ body: [UInt8], headers: [(String, String)] = [], within limit: Duration
    ) async throws -> Answer {
        let peer = Self.peer(of: url)
        guard let client = client() else { throw CancellationError() }
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json; charset=utf-8")
        request.headers.add(name: "accept", value: "application/json")
        request.headers.add(name: "user-agent", value: "provisioning-station")
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        let finished = request
        do {
            return try await inTime(limit, late: "\(peer) did not answer within \(limit.sentence)") {
                let response = try await client.execute(finished, timeout: .nanoseconds(Int64(limit / .nanoseconds(1))))
                let answer = try await response.body.collect(upTo: Self.longestAnswer)
                return Answer(status: Int(response.status.code), body: Array(answer.readableBytesView))
            }
        } catch let trouble as CallTrouble {
            try Task.checkCancellation()
            throw trouble
        } catch {
            try Task.checkCancellation()
            throw Self.trouble(error, peer: peer)
        }
    }

    /// Closes the connections; later calls are cancelled.
    func shutdown() async {
        let open: HTTPClient? = state.withLock { state in
            defer { state = .closed }
            if case .open(let client) = state { return client }
            return nil
        }
        try? await open?.shutdown()
    }

    private func client() -> HTTPClient? {
        state.withLock { state in
            switch state {
            case .open(let client): return client
            case .closed: return nil
            case .idle:
                let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration(caFile))
                state = .open(client)
                return client
            }
        }
    }

    private static func configuration(_ caFile: String?) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let caFile { tls.trustRoots = .file(caFile) }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.idleTimeout = .seconds(10)
        // A connection that cannot be made is told with its cause; the caller decides about trying again.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    private static func trouble(_ error: any Error, peer: String) -> CallTrouble {
        switch error {
        case let error as IOError:
            CallTrouble("\(peer) cannot be reached: \(String(cString: strerror(error.errnoCode)))")
        case is NIOConnectionError:
            CallTrouble("\(peer) cannot be reached; is it running, and is its address right?", mayHaveArrived: false)
        case let error as HTTPClientError where [.deadlineExceeded, .connectTimeout].contains(error):
            CallTrouble("\(peer) did not answer in time", isLate: true)
        case let error as HTTPClientError: CallTrouble("\(peer): \(error.shortDescription)")
        case is NIOSSLError, is NIOSSLExtraError:
            CallTrouble("\(peer): no trusted TLS connection; is its authority in ca_file?", mayHaveArrived: false)
        default: CallTrouble("\(peer): \(type(of: error))")
        }
    }

    /// Host and port of a URL: what may stand in a message.
    static func peer(of url: String) -> String {
        guard let parts = URLComponents(string: url), let host = parts.host else { return "the server" }
        return parts.port.map { "\(host):\($0)" } ?? host
    }
}

import Locking
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// One HTTP answer, whole.
struct HTTPReply: Sendable {
    let status: Int
    /// The `Date` header: the cloud's own clock.
    let date: String?
    /// `x-acs-retry-after`, milliseconds.
    let retryAfter: Duration?
    let body: ByteBuffer
}

/// Sends POST requests with a deadline over connection, head and body together, and a bound on the answer's size.
///
/// Its connections begin with the first request; a caller that made one must be shut down. Redirects are not followed: a
/// signed request belongs to one host.
final class HTTPCaller: Sendable {
    /// Largest answer accepted where the call does not say otherwise, in bytes; most answer with a few kilobytes.
    static let maximumAnswer = 1 << 20

    private enum State {
        case idle
        case open(HTTPClient)
        case closed
    }

    private let configuration: HTTPClient.Configuration
    private let state = Locked(State.idle)

    init(caFile: String?, connectTimeout: Duration = .seconds(5)) {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .fullVerification
        tls.minimumTLSVersion = .tlsv12
        tls.shutdownTimeout = .seconds(1)
        if let caFile { tls.trustRoots = .file(caFile) }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.timeout.connect = TimeAmount(connectTimeout)
        configuration.httpVersion = .http1Only
        // Shorter than servers keep idle connections, so that a request seldom meets one that is just being closed.
        configuration.connectionPool.idleTimeout = .seconds(10)
        // A connection that cannot be made is reported with its cause; the caller decides about trying again.
        configuration.connectionPool.retryConnectionEstablishment = false
        self.configuration = configuration
    }

    /// - Throws: ``CloudError``, or `CancellationError` when the task is cancelled.
    func post(
        _ url: String, form: String? = nil, headers: [(String, String)] = [],
        maximumAnswer: Int = HTTPCaller.maximumAnswer, deadline: Duration
    ) async throws -> HTTPReply {
        let peer = URLComponents(string: url)?.host ?? "the cloud"
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "provisioning-station")
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let form {
            request.headers.replaceOrAdd(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: form))
        }
        let finished = request
        guard let client = client() else { throw CancellationError() }
        do {
            return try await withDeadline(deadline) {
                let response = try await client.execute(finished, timeout: TimeAmount(deadline))
                let body = try await response.body.collect(upTo: maximumAnswer)
                let wait = response.headers.first(name: "x-acs-retry-after").flatMap { Int64($0) }
                return HTTPReply(
                    status: Int(response.status.code), date: response.headers.first(name: "Date"),
                    retryAfter: wait.flatMap { (1...600_000).contains($0) ? .milliseconds($0) : nil }, body: body)
            }
        } catch is DeadlinePassed {
            throw CloudError(.timeout, "\(peer) did not answer within \(deadline).")
        } catch {
            try Task.checkCancellation()
            throw CloudError(transport: error, peer: peer)
        }
    }

    /// Closes the connections; later requests are cancelled.
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
                let client = HTTPClient(
                    eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
                state = .open(client)
                return client
            }
        }
    }
}

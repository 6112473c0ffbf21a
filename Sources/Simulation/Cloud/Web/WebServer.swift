import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import WebServing

/// One HTTP request with its whole body.
struct WebRequest: Sendable {
    let method: String
    let path: String
    /// The query as it was sent, still encoded.
    let query: String
    let headers: HTTPFields
    /// The `Host` header.
    let host: String
    let body: [UInt8]
}

/// One HTTP answer: always whole, never chunked, since the C SDKs need `Content-Length`.
struct WebAnswer: Sendable {
    var status: Int
    var body: String
    var contentType = "application/json;charset=UTF-8"
    var delivery = Delivery.whole

    /// How the answer reaches its client.
    enum Delivery: Sendable {
        case whole
        /// The connection is closed instead.
        case closed
        /// The connection is reset instead.
        case reset
        /// Head and half of the body go out, then, after a pause, the connection is closed.
        case halfway(pause: @Sendable () async -> Void)
    }

    init(status: Int, _ json: CloudJSON) { (self.status, body) = (status, json.text) }
}

/// One HTTP or HTTPS door of the stand-in: HTTP/1.1 on Hummingbird with bounded sizes, times and connection count.
struct WebServer: Sendable {
    /// For error sentences: the key in `[listen]`.
    let name: String
    let host: String
    let port: Int
    let tls: TLSConfiguration?
    /// Time for TLS and the first request head.
    let handshakeDeadline: Duration
    /// The largest body of a request, in bytes. Whoever calls has not shown yet who it is, so it is as small as can be.
    var maximumBody = 64 << 10
    let respond: @Sendable (WebRequest) async -> WebAnswer

    /// The largest body of an OpenAPI call: a batch of 10,000 names with nicknames of 64 encoded letters fits.
    static let largestBatch = 8 << 20
    static let maximumConnections = 4096
    /// Memory that the large bodies of all connections may hold together.
    static let bodiesTogether = 128 << 20

    /// Serves until the task is cancelled; then it returns at once, whatever clients keep open.
    func run(onListening: @escaping @Sendable (Int) -> Void) async throws {
        let connections = OpenConnections()
        let handshakeTime = TimeAmount(handshakeDeadline)
        // Hummingbird's own words about the end of its services are not for an operator.
        let quiet = Logger(label: "cloud.web", factory: { _ in SwiftLogNoOpLogHandler() })
        let plain = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [
                    ConnectionDeadlineHandler(connections, .init(firstHead: handshakeTime, answer: .seconds(120)))
                ]
            )
        )
        let server =
            if let tls { try HTTPServerBuilder.tls(plain, tlsConfiguration: tls) } else { plain }
        let (respond, maximumBody, budget) = (respond, maximumBody, BodyBudget(bytes: Self.bodiesTogether))
        let application = Application(
            responder: CallbackResponder<WebContext> { request, context in
                await Self.answer(request, budget, maximumBody: maximumBody, respond).response(on: context.channel)
            },
            server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.maximumConnections, logger: quiet)
            ),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) },
            logger: quiet
        )
        do { try await application.serve(connections) } catch {
            throw CloudStandInError(
                code: .listen, sentence: "\(name) cannot serve on \(host):\(port): \(error); is the port in use?")
        }
    }

    private static func answer(
        _ request: Request, _ budget: BodyBudget, maximumBody: Int,
        _ respond: @Sendable (WebRequest) async -> WebAnswer
    ) async -> WebAnswer {
        do {
            return try await budget.withBody(of: request.body, maximum: maximumBody) { body in
                await respond(
                    WebRequest(
                        method: request.head.method.rawValue, path: request.uri.path, query: request.uri.query ?? "",
                        headers: request.headers, host: request.head.authority ?? "",
                        body: Array(body.readableBytesView)
                    )
                )
            }
        } catch BodyBudget.Refusal.noRoom {
            return GatewayError.unavailable.answer(
                requestID: RandomText.requestID(), host: request.head.authority ?? "")
        } catch {
            return WebAnswer(
                status: 413,
                [
                    "Code": .string("RequestEntityTooLarge"),
                    "Message": .string("The body is larger than \(maximumBody) bytes."),
                ]
            )
        }
    }
}

/// Where a request came in.
private struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

extension WebAnswer {
    fileprivate func response(on channel: any Channel) async -> Response {
        let whole = ByteBuffer(string: body)
        let content: ResponseBody
        switch delivery {
        case .whole: content = ResponseBody(byteBuffer: whole)
        case .closed, .reset:
            if case .reset = delivery {
                let options = channel as? any SocketOptionProvider
                try? await options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            }
            OpenConnections.cut(channel)
            content = ResponseBody()
        case .halfway(let pause):
            content = ResponseBody(contentLength: whole.readableBytes) { writer in
                try await writer.write(whole.getSlice(at: 0, length: whole.readableBytes / 2) ?? ByteBuffer())
                await pause()
                OpenConnections.cut(channel)
            }
        }
        return Response(status: .init(code: status), headers: [.contentType: contentType], body: content)
    }
}

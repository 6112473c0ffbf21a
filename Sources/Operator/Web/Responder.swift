import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Provisioning

/// Answers every request: pages, assets, the API.
struct Responder: HTTPResponder {
    typealias Context = WebContext

    /// Bytes of one JSON body: a list of some hundred thousand identities fits.
    static let longestBody = 4 << 20
    /// Bytes of one JSON body of somebody who has not signed in.
    static let longestStrangerBody = 16 << 10
    /// How long a JSON body may take; then the connection is cut.
    static let bodyTime = TimeAmount.seconds(30)
    static let base = ["api", "v1"]

    let desk: Desk
    let gate: Gate
    let table: RouteTable
    let pages: Pages
    let limit: RequestLimit

    func respond(to request: Request, context: WebContext) async throws -> Response {
        var answer: Answer
        let path = Self.parts(request.uri.path)
        let isAPI = path?.starts(with: Self.base) ?? false
        do {
            guard let path else { throw Problem.nothing }
            // A page of another name that resolves to this machine must not read the line (DNS rebinding).
            guard desk.configuration.isOwn(authority: request.head.authority) else { throw Problem.origin }
            answer =
                isAPI
                ? try await api(Array(path.dropFirst(2)), request, context)
                : try await page(path, request)
        } catch {
            let problem = Problem(error)
            if problem.status == .internalServerError { desk.logger.error("\(request.method) failed: \(error)") }
            answer = Answer(problem)
        }
        for (name, value) in SecurityHeaders.all where answer.headers[name] == nil { answer.headers[name] = value }
        if answer.headers[.cacheControl] == nil { answer.headers[.cacheControl] = "no-store" }
        return Response(status: answer.status, headers: answer.headers, body: answer.body)
    }

    // MARK: - The API

    private func api(_ parts: [String], _ request: Request, _ context: WebContext) async throws -> Answer {
        guard limit.admit(context.address) else { throw Problem.tooFast }
        switch table.match(request.method, parts) {
        case .nothing: throw Problem.nothing
        case .otherMethods(let methods):
            var answer = Answer(
                Problem(
                    .methodNotAllowed,
                    Bilingual(
                        zh: "这个地址不支持 \(request.method.rawValue)",
                        en: "\(request.method.rawValue) is not offered here; expected "
                            + methods.map(\.rawValue).joined(separator: " or "))))
            answer.headers[.allow] = methods.map(\.rawValue).joined(separator: ", ")
            return answer
        case .route(let route, let parameters):
            let caller = try gate.admit(request, to: route)
            let call = Call(
                caller: caller, parameters: parameters, query: try query(of: request, route),
                body: try await body(of: request, route, caller, context.channel), request: request,
                channel: context.channel,
                desk: desk, gate: gate)
            return try await route.handle(call)
        }
    }

    private func query(of request: Request, _ route: Route) throws -> [String: String] {
        var query: [String: String] = [:]
        for (key, value) in request.uri.queryParameters { query[String(key)] = String(value) }
        let problems = Schema.object(route.query).problems(.object(query.mapValues(JSONValue.string)))
        guard problems.isEmpty else { throw Self.unfit(problems) }
        return query
    }

    private func body(
        of request: Request, _ route: Route, _ caller: Caller, _ channel: any Channel
    ) async throws -> JSONValue {
        guard case .json(let schema) = route.body else { return .null }
        let type = request.headers[.contentType]?.split(separator: ";").first?.lowercased()
        guard type == "application/json" else {
            throw Problem(
                .unsupportedMediaType,
                Bilingual(
                    zh: "请求应为 application/json",
                    en: "Content-Type: expected application/json, received \(type == nil ? "none" : "another")"))
        }
        let longest = if case .nobody = caller { Self.longestStrangerBody } else { Self.longestBody }
        let cut = channel.eventLoop.scheduleTask(in: Self.bodyTime) { channel.close(mode: .all, promise: nil) }
        defer { cut.cancel() }
        let bytes: ByteBuffer
        do { bytes = try await request.body.collect(upTo: longest) } catch is NIOTooManyBytesError {
            throw Problem(
                .contentTooLarge,
                Bilingual(zh: "内容太大：最多 \(longest) 字节", en: "the body is too large: at most \(longest) bytes are taken"))
        }
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self),
            let value = try? JSONValue(parsing: text)
        else {
            throw Problem(
                .badRequest, Bilingual(zh: "内容不是 JSON", en: "the body is not JSON (UTF-8, whole numbers only)"))
        }
        let problems = schema.problems(value)
        guard problems.isEmpty else { throw Self.unfit(problems) }
        return value
    }

    private static func unfit(_ problems: [String]) -> Problem {
        let text = problems.prefix(10).joined(separator: "; ")
        return Problem(.unprocessableContent, Bilingual(zh: "内容不符合要求：\(text)", en: text))
    }

    // MARK: - Pages

    private func page(_ path: [String], _ request: Request) async throws -> Answer {
        guard request.method == .get || request.method == .head else {
            throw Problem(
                .methodNotAllowed,
                Bilingual(zh: "页面只能读取", en: "a page can only be read: expected GET, received another method"))
        }
        if path.first == "assets" { return try pages.asset(path.dropFirst().joined(separator: "/"), request) }
        guard let page = Pages.Page(path) else { throw Problem.nothing }
        if page.needsSignIn, case .nobody = try gate.caller(of: request, isActivity: true) {
            return Answer(status: .seeOther, headers: [.location: "/"], body: ResponseBody())
        }
        return try pages.render(page)
    }

    /// The decoded parts of a path; nil where it is no text.
    private static func parts(_ path: String) -> [String]? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).map { $0.removingPercentEncoding }
        let found = parts.compactMap { $0 }
        return found.count == parts.count ? found : nil
    }
}

/// What is known of a request besides itself.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: Source) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// The client's address without its port.
    var address: String { channel.remoteAddress?.ipAddress ?? "?" }
}

/// What every answer carries.
enum SecurityHeaders {
    static let all: [(HTTPField.Name, String)] = [
        (
            .contentSecurityPolicy,
            "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
        ),
        (.xContentTypeOptions, "nosniff"),
        (field("Referrer-Policy"), "no-referrer"),
        (.frameOptions, "DENY"),
        (field("Cross-Origin-Opener-Policy"), "same-origin"),
        (field("Cross-Origin-Resource-Policy"), "same-origin"),
        (field("Permissions-Policy"), "camera=(), geolocation=(), microphone=()"),
    ]

    private static func field(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .server }
}

extension HTTPField.Name {
    static let frameOptions = HTTPField.Name("X-Frame-Options") ?? .server
}

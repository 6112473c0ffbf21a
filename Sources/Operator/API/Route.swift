import HTTPTypes
import Provisioning

/// One line of the route table: what the router takes, what the API's description says, who may.
struct Route: Sendable {
    /// Who may.
    enum Access: Hashable, Sendable {
        /// Everybody, signed in or not.
        case all
        case signedIn
        case permission(Permission)
    }

    /// What comes in.
    enum Body: Sendable {
        case none
        case json(Schema)
        /// `multipart/form-data`, read by the handler as it comes.
        case form(Schema)
    }

    /// What goes out.
    enum Output: Sendable {
        case json(HTTPResponse.Status, Schema)
        /// As JSON, or as the file that the query's `format` names: `html`, `csv`, `jsonl`.
        case files(Schema)
        /// 204.
        case nothing
        case events
    }

    let method: HTTPRequest.Method
    /// Below `/api/v1`; `{name}` stands for one part of a path.
    let path: String
    let access: Access
    /// What a machine needs; nil = no machine may.
    let scope: MachineToken.Scope?
    let summary: String
    /// Members of the query, all optional texts.
    let query: [Schema.Field]
    let body: Body
    let output: Output
    let handle: @Sendable (Call) async throws -> Answer

    init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, scope: MachineToken.Scope? = nil,
        _ summary: String, query: [Schema.Field] = [], body: Body = .none, _ output: Output,
        _ handle: @escaping @Sendable (Call) async throws -> Answer
    ) {
        (self.method, self.path, self.access, self.scope) = (method, path, access, scope)
        (self.summary, self.query, self.body, self.output) = (summary, query, body, output)
        self.handle = handle
    }

    /// Whether it changes something, and so needs the session's token and the page's own origin.
    var isChange: Bool { method != .get }
    /// The path's parts.
    var parts: [Substring] { path.split(separator: "/") }

    /// The path's parameters where its parts are these; nil where they are others.
    func match(_ found: [String]) -> [String: String]? {
        let parts = parts
        guard parts.count == found.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, text) in zip(parts, found) {
            if part.hasPrefix("{") {
                guard !text.isEmpty else { return nil }
                parameters[String(part.dropFirst().dropLast())] = text
            } else if part != text {
                return nil
            }
        }
        return parameters
    }
}

/// The routes of the API, by path and method.
struct RouteTable: Sendable {
    let routes: [Route]

    /// What a path and a method lead to.
    enum Match: Sendable {
        case route(Route, parameters: [String: String])
        /// The path is there, with these methods.
        case otherMethods([HTTPRequest.Method])
        case nothing
    }

    /// - Parameter parts: the decoded parts of the path below `/api/v1`.
    func match(_ method: HTTPRequest.Method, _ parts: [String]) -> Match {
        var (path, others): (String?, [HTTPRequest.Method]) = (nil, [])
        for route in routes {
            guard let parameters = route.match(parts) else { continue }
            // A fixed word stands for itself alone: what a parameter in its place offers is not offered here.
            guard route.path == path ?? route.path else { continue }
            path = route.path
            if route.method == method { return .route(route, parameters: parameters) }
            others.append(route.method)
        }
        return others.isEmpty ? .nothing : .otherMethods(others)
    }

    /// A fixed word goes before a parameter in its place.
    init(_ routes: [Route]) { self.routes = routes.sorted { Self.openParts($0) < Self.openParts($1) } }

    private static func openParts(_ route: Route) -> Int { route.parts.filter { $0.hasPrefix("{") }.count }
}

import HTTPTypes
import Hummingbird
import Provisioning

/// The one place that decides whether a call may be made: who asks, from which page, with which right. No route can be
/// reached past it.
struct Gate: Sendable {
    static let csrfHeader = HTTPField.Name("X-CSRF-Token")

    let desk: Desk
    let isTLS: Bool

    /// The cookie's name; under TLS with the prefix that keeps other hosts and plain connections from setting it.
    var cookieName: String { isTLS ? "__Host-station" : "station" }

    /// Who asks, whatever it is for.
    /// - Throws: ``Problem`` for a machine token that is none.
    func caller(of request: Request, isActivity: Bool) throws -> Caller {
        if let header = request.headers[.authorization] {
            let parts = header.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer",
                let token = desk.people.machine(token: String(parts[1]))
            else { throw Problem.badToken }
            return .machine(token)
        }
        guard let cookie = request.cookies[cookieName]?.value,
            let session = desk.sessions.find(cookie: cookie, isActivity: isActivity),
            let person = desk.people.person(session.person), person.isActive
        else { return .nobody }
        return .person(person, session)
    }

    /// Lets a call of a route through.
    /// - Returns: who asks.
    /// - Throws: ``Problem`` with 401 or 403.
    func admit(_ request: Request, to route: Route) throws -> Caller {
        let caller = try caller(of: request, isActivity: route.isChange)
        if route.isChange, let origin = request.headers[.origin], !isOwn(origin, request) { throw Problem.origin }
        switch caller {
        case .machine(let token):
            if route.access == .all { return caller }
            guard let scope = route.scope, token.scopes.contains(scope) else {
                throw Problem.missing(scope: route.scope)
            }
        case .person(let person, let session):
            if case .permission(let permission) = route.access, !person.may(permission) {
                throw Problem.missing(permission)
            }
            if route.isChange, !isTokenRight(request, session) { throw Problem.csrf }
        case .nobody:
            guard route.access == .all else { throw Problem.signIn }
        }
        return caller
    }

    /// The cookie of a new session.
    func cookie(_ text: String) -> String {
        "\(cookieName)=\(text); Path=/; HttpOnly; SameSite=Strict" + (isTLS ? "; Secure" : "")
    }

    /// What makes a browser forget the cookie.
    var noCookie: String { cookie("") + "; Max-Age=0" }

    private func isTokenRight(_ request: Request, _ session: Sessions.Session) -> Bool {
        guard let name = Self.csrfHeader, let token = request.headers[name] else { return false }
        return RandomText.isSame(token, session.csrf)
    }

    /// Whether an `Origin` is the page's own: its scheme, and the host the request was sent to.
    private func isOwn(_ origin: String, _ request: Request) -> Bool {
        guard let host = request.head.authority else { return false }
        return origin.lowercased() == "\(isTLS ? "https" : "http")://\(host.lowercased())"
    }
}

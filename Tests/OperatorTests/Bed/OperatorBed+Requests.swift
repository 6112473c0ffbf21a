import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Provisioning

@testable import Operator

/// What a server answered, whole.
struct BedAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let text: String

    var json: JSONValue { (try? JSONValue(parsing: text)) ?? .null }
    /// The cookie that was set, as a browser sends it back.
    var cookie: String? { headers["set-cookie"].first.map { String($0.prefix { $0 != ";" }) } }
}

/// Somebody who is signed in.
struct BedSession: Sendable {
    let cookie: String
    let csrf: String
}

extension OperatorBed {
    static let engineerBadge = "BADGE-ENGINEER-1"
    static let engineerPIN = "802714"

    /// Sends a request.
    /// - Parameter path: with its query, from the root.
    func send(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil, as session: BedSession? = nil,
        headers: [String: String] = [:], withCSRF: Bool = true
    ) async throws -> BedAnswer {
        // At the pace at which the page is used: tests stay below the limit of requests.
        clock.advance(.milliseconds(20))
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body.text))
        }
        if let session {
            request.headers.add(name: "Cookie", value: session.cookie)
            if withCSRF, method != .GET { request.headers.add(name: "X-CSRF-Token", value: session.csrf) }
        }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        let response = try await client.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 8 << 20)
        return BedAnswer(status: Int(response.status.code), headers: response.headers, text: String(buffer: bytes))
    }

    /// Sends a request to the API.
    func api(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil, as session: BedSession? = nil,
        headers: [String: String] = [:], withCSRF: Bool = true
    ) async throws -> BedAnswer {
        try await send(method, "/api/v1" + path, body, as: session, headers: headers, withCSRF: withCSRF)
    }

    /// Signs in.
    func signIn(_ badge: String = engineerBadge, _ pin: String = engineerPIN) async throws -> BedSession {
        let answer = try await api(.POST, "/session", ["badge": .string(badge), "pin": .string(pin)])
        guard answer.status == 200, let cookie = answer.cookie, let csrf = answer.json["csrf"].string else {
            throw BedError(text: "signing in: \(answer.status) \(answer.text)")
        }
        return BedSession(cookie: cookie, csrf: csrf)
    }

    /// Makes the first engineer and signs them in.
    func start() async throws -> BedSession {
        let answer = try await api(
            .POST, "/session/start",
            [
                "code": .string(server.startCode ?? ""), "name": "李工", "badge": .string(Self.engineerBadge),
                "pin": .string(Self.engineerPIN),
            ])
        guard answer.status == 200, let cookie = answer.cookie, let csrf = answer.json["csrf"].string else {
            throw BedError(text: "first start: \(answer.status) \(answer.text)")
        }
        return BedSession(cookie: cookie, csrf: csrf)
    }
}

struct BedError: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}

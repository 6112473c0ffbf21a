import Foundation
import HTTPTypes
import NIOHTTP1
import Provisioning
import Testing

@testable import Operator

@Suite("No route is reached past the gate")
struct GateTests {
    private func path(_ route: Route) -> String {
        "/api/v1/" + route.parts.map { $0.hasPrefix("{") ? "X" : String($0) }.joined(separator: "/")
    }

    private func method(_ route: Route) -> HTTPMethod { HTTPMethod(rawValue: route.method.rawValue) }

    @Test("every route refuses who is not signed in, who lacks the right, a missing token, a foreign page")
    func walk() async throws {
        try await OperatorBed.with { bed in
            let sessions = try await bed.everybody()
            for route in RouteTable.all.routes {
                let (method, path, name) = (method(route), path(route), "\(route.method) \(route.path)")
                if route.isChange {
                    let foreign = try await bed.send(
                        method, path, as: sessions[.engineer], headers: ["Origin": "https://elsewhere.example"])
                    #expect(foreign.status == 403, "\(name): a foreign page got \(foreign.status)")
                    let sandboxed = try await bed.send(
                        method, path, as: sessions[.engineer], headers: ["Origin": "null"])
                    #expect(sandboxed.status == 403, "\(name): a page without origin got \(sandboxed.status)")
                }
                guard route.access != .all else { continue }
                #expect(try await bed.send(method, path).status == 401, "\(name): nobody got through")
                for role in Role.allCases {
                    guard case .permission(let permission) = route.access, !permission.roles.contains(role) else {
                        continue
                    }
                    let answer = try await bed.send(method, path, as: sessions[role])
                    #expect(answer.status == 403, "\(name): \(role) got \(answer.status)")
                    #expect(Schema.problem.problems(answer.json) == [])
                }
                guard route.isChange, route.path != "/session" else { continue }
                let able = Role.allCases.first { role in
                    if case .permission(let permission) = route.access { permission.roles.contains(role) } else { true }
                }
                let session = try #require(able.flatMap { sessions[$0] })
                let tokenless = try await bed.send(method, path, as: session, withCSRF: false)
                #expect(tokenless.status == 403, "\(name): without the token \(tokenless.status)")
                let wrong = try await bed.send(
                    method, path, as: session, headers: ["X-CSRF-Token": String(repeating: "a", count: 43)])
                #expect(wrong.status == 403, "\(name): with a wrong token \(wrong.status)")
            }
        }
    }

    @Test("the page's own origin passes")
    func ownOrigin() async throws {
        try await OperatorBed.with { bed in
            let session = try await bed.start()
            let answer = try await bed.api(.DELETE, "/session", as: session, headers: ["Origin": bed.url])
            #expect(answer.status == 204)
        }
    }

    @Test("a machine may do what its scopes say, and nothing where no scope is meant")
    func machines() async throws {
        try await OperatorBed.with { bed in
            let engineer = try await bed.start()
            func token(_ scopes: [String]) async throws -> [String: String] {
                let made = try await bed.api(
                    .POST, "/tokens", ["name": "MES", "scopes": .array(scopes.map(JSONValue.string))], as: engineer)
                #expect(Schema.newToken.problems(made.json) == [])
                return ["Authorization": "Bearer " + (made.json["token"].string ?? "")]
            }
            let (reader, orders) = (try await token(["read"]), try await token(["orders"]))
            for route in RouteTable.all.routes where route.access != .all {
                for (headers, scope) in [(reader, MachineToken.Scope.read), (orders, .orders)] {
                    let answer = try await bed.send(method(route), path(route), headers: headers)
                    let isAllowed = route.scope == scope
                    #expect(
                        (answer.status == 403) != isAllowed,
                        "\(route.method) \(route.path) with \(scope) got \(answer.status)")
                }
            }
            #expect(try await bed.api(.GET, "/orders", headers: ["Authorization": "Bearer pst_none"]).status == 401)
            #expect(try await bed.api(.DELETE, "/tokens/T-0001", as: engineer).status == 204)
            #expect(try await bed.api(.GET, "/orders", headers: reader).status == 401)
        }
    }

    @Test("who asks too fast is told to wait")
    func limit() {
        let clock = BedClock()
        let limit = RequestLimit(clock: clock.clock)
        #expect((1...100).allSatisfy { _ in limit.admit("a") })
        #expect(!limit.admit("a"))
        #expect(limit.admit("b"))
        clock.advance(.seconds(1))
        #expect((1...50).allSatisfy { _ in limit.admit("a") })
        #expect(!limit.admit("a"))
    }

    @Test("every answer carries the security headers")
    func headers() async throws {
        try await OperatorBed.with { bed in
            for path in ["/", "/api/v1/state", "/api/v1/nothing", "/nothing", "/assets/page.css"] {
                let answer = try await bed.send(.GET, path)
                let policy = answer.headers["content-security-policy"].first ?? ""
                #expect(policy.contains("default-src 'self'"))
                #expect(policy.contains("frame-ancestors 'none'"))
                #expect(!policy.contains("unsafe-inline"))
                #expect(answer.headers["x-content-type-options"] == ["nosniff"])
                #expect(answer.headers["referrer-policy"] == ["no-referrer"])
            }
            #expect(try await bed.api(.GET, "/state").headers["cache-control"] == ["no-store"])
        }
    }

    @Test("what is not offered is said: path, method, type, size, form")
    func refusals() async throws {
        try await OperatorBed.with { bed in
            let session = try await bed.start()
            #expect(try await bed.api(.GET, "/nothing").status == 404)
            let method = try await bed.api(.DELETE, "/state")
            #expect(method.status == 405)
            #expect(method.headers["allow"] == ["GET"])
            let type = try await bed.api(
                .POST, "/people", ["name": "A"], as: session, headers: ["Content-Type": "text/plain"])
            #expect(type.status == 415)
            let large = try await bed.api(
                .POST, "/session", ["badge": .string(String(repeating: "b", count: 20_000)), "pin": "1"])
            #expect(large.status == 413)
            let strange = try await bed.api(
                .POST, "/people", ["name": "A", "role": "king", "badge": "B-1234", "pin": "5831", "rank": 3],
                as: session)
            #expect(strange.status == 422)
            #expect(strange.json["detail"].string?.contains("role") == true)
            #expect(strange.json["detail"].string?.contains("rank") == true)
            #expect(strange.json["detail"].string?.contains("5831") == false)
        }
    }

    @Test("the page, its assets and their tags; who is not signed in is sent to the line's page")
    func pages() async throws {
        try await OperatorBed.with { bed in
            #expect(try await bed.send(.GET, "/").text.contains("LINE-1"))
            let asset = try await bed.send(.GET, "/assets/page.css")
            #expect(asset.headers["content-type"] == ["text/css; charset=utf-8"])
            let tag = try #require(asset.headers["etag"].first)
            #expect(try await bed.send(.GET, "/assets/page.css", headers: ["If-None-Match": tag]).status == 304)
            #expect(try await bed.send(.GET, "/assets/../operator.html").status == 404)
            #expect(try await bed.send(.GET, "/assets/%2e%2e/operator.html").status == 404)
            #expect(try await bed.send(.GET, "/orders").status == 303)
            let session = try await bed.start()
            #expect(try await bed.send(.GET, "/orders", as: session).status == 200)
            let unit = try await bed.send(.GET, "/unit/%3Cscript%3E", as: session)
            #expect(unit.text.contains("&lt;script&gt;"))
        }
    }
}

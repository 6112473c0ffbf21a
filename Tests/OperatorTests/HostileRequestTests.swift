import AsyncHTTPClient
import Foundation
import Fuzzing
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
import Provisioning
import Testing

@testable import Operator

/// Requests of strangers: every route, over loopback, with bodies, paths, queries and headers that nobody would send.
@Suite("Hostile requests", .timeLimit(.minutes(5)))
struct HostileRequestTests {
    /// Requests to each route.
    private static let count = ProcessInfo.processInfo.environment["STATION_FULL"] == "1" ? 300 : 8

    @Test("no route answers with an error of the server's, and every refusal is JSON with a sentence")
    func routes() async throws {
        try await OperatorBed.with(configuration: OperatorConfiguration(port: 0, idleMinutes: 480)) { bed in
            let engineer = try await bed.start()
            let order = try await bed.order()
            _ = try await bed.board("6055F9000000", in: order, .fail, .notReady)
            var random = SeededRandom(seed: 7)
            var mutator = Mutator(
                random: SeededRandom(seed: 8),
                words: ["null", "{}", "\"reason\":", "\"\\u0000\"", "1e400"].map { Array($0.utf8) },
                limit: 4096)
            let names = [
                order.id, "6055F9000000", "1", "%00", "..%2f..", "%F0%9F%98%80", "9223372036854775808", "-1", "%",
                "a b",
            ]
            let values = [
                "", "wo-1", "9223372036854775807", "-1", "%00", "%zz", "csv", "2026-11-25T08:00:00Z", "0", "%E2%80%AE",
                "[",
            ]
            for route in RouteTable.all.routes where route.path != "/events" && route.path != "/session" {
                for _ in 0..<Self.count {
                    let path = route.parts.map {
                        $0.hasPrefix("{") ? names.randomElement(using: &random) ?? "" : String($0)
                    }
                    let query = route.query.filter { _ in Bool.random(using: &random) }
                        .map { "\($0.name)=\(values.randomElement(using: &random) ?? "")" }
                    let url =
                        "/api/v1/" + path.joined(separator: "/")
                        + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
                    let seeds = Self.seeds(route, order: order.id).map { Array($0.text.utf8) }
                    let body = mutator.input(from: seeds)
                    let answer = try await Self.send(
                        bed, HTTPMethod(rawValue: route.method.rawValue), url, body, engineer,
                        type: ["application/json", "text/plain", "multipart/form-data; boundary=b", ""].randomElement(
                            using: &random) ?? "")
                    #expect(
                        answer.status < 500 || answer.status == 503,
                        "\(route.method.rawValue) \(url): \(answer.status) \(answer.text) for \(Data(body).base64EncodedString())"
                    )
                    guard answer.status >= 400 else { continue }
                    #expect(
                        answer.json != .null, "\(route.method.rawValue) \(url): no JSON: \(answer.text.prefix(200))")
                }
            }
            #expect(try await bed.api(.GET, "/orders", as: engineer).status == 200)
        }
    }

    @Test("bytes that are no HTTP end their own connection alone")
    func bytes() async throws {
        try await OperatorBed.with { bed in
            let engineer = try await bed.start()
            let port = try #require(URL(string: bed.url)?.port)
            let request = "POST /api/v1/scans HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Type: application/json\r\n"
            let seeds = [
                request + "Content-Length: 13\r\n\r\n{\"text\":\"OK\"}",
                request + "Transfer-Encoding: chunked\r\n\r\nd\r\n{}\r\n0\r\n\r\n",
                "GET /api/v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nCookie: station=x\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            ].map { Array($0.utf8) }
            var mutator = Mutator(
                random: SeededRandom(seed: 9),
                words: ["\r\n", "Content-Length: -1", "Host: ", "HTTP/9.9", "\r\n\r\n", "ffffffffffffffff"]
                    .map { Array($0.utf8) }, limit: 8192)
            for _ in 0..<Self.count * 25 {
                let input = mutator.input(from: seeds)
                bed.clock.advance(.seconds(1))
                // Sent and closed: whatever is answered, the server must still be there for others.
                let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connect(host: "127.0.0.1", port: port).get()
                try? await channel.writeAndFlush(ByteBuffer(bytes: input))
                try? await channel.close()
            }
            #expect(try await bed.api(.GET, "/orders", as: engineer).status == 200)
        }
    }

    /// Bodies that fit the route's schema, as far as its shape tells.
    private static func seeds(_ route: Route, order: String) -> [JSONValue] {
        guard case .json(let schema) = route.body else { return [.null, ["a": 1]] }
        return [example(schema, order), ["reason": "r"]]
    }

    private static func example(_ schema: Schema, _ order: String) -> JSONValue {
        switch schema {
        case .string(_, _, let example): .string(example ?? order)
        case .integer(let range): .int(range.lowerBound)
        case .boolean: true
        case .choice(let words): .string(words.first ?? "")
        case .list(let element, _): .array([example(element, order)])
        case .object(let fields):
            .object(Dictionary(fields.map { ($0.name, example($0.schema, order)) }) { first, _ in first })
        case .map(let element): ["a": example(element, order)]
        case .nullable(let inner), .named(_, let inner): example(inner, order)
        case .constant(let value): value
        case .null, .anything: .null
        }
    }

    private static func send(
        _ bed: OperatorBed, _ method: HTTPMethod, _ path: String, _ body: [UInt8], _ session: BedSession, type: String
    ) async throws -> BedAnswer {
        bed.clock.advance(.milliseconds(50))
        var request = HTTPClientRequest(url: bed.url + path)
        request.method = method
        if method != .GET { request.body = .bytes(ByteBuffer(bytes: body)) }
        if !type.isEmpty { request.headers.add(name: "Content-Type", value: type) }
        request.headers.add(name: "Cookie", value: session.cookie)
        request.headers.add(name: "X-CSRF-Token", value: session.csrf)
        let response = try await bed.client.execute(request, timeout: .seconds(60))
        return BedAnswer(
            status: Int(response.status.code), headers: response.headers,
            text: String(buffer: try await response.body.collect(upTo: 8 << 20)))
    }
}

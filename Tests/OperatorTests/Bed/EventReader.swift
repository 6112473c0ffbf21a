import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Provisioning

/// One server-sent event as a browser reads it.
struct ServerEvent: Sendable, Equatable {
    let id: String
    let name: String
    let data: String

    var json: JSONValue { (try? JSONValue(parsing: data)) ?? .null }
}

extension OperatorBed {
    /// Reads the event stream until `isEnough` says so.
    func events(
        after id: String? = nil, until isEnough: @Sendable ([ServerEvent]) async throws -> Bool
    ) async throws -> [ServerEvent] {
        clock.advance(.milliseconds(20))
        var request = HTTPClientRequest(url: url + "/api/v1/events")
        if let id { request.headers.add(name: "Last-Event-ID", value: id) }
        let response = try await client.execute(request, timeout: .seconds(30))
        guard response.status == .ok else { throw BedError(text: "the event stream answered \(response.status)") }
        var (text, events) = ("", [ServerEvent]())
        for try await piece in response.body {
            let count = events.count
            text += String(buffer: piece)
            while let end = text.range(of: "\n\n") {
                let block = text[..<end.lowerBound]
                text = String(text[end.upperBound...])
                if let event = Self.event(block) { events.append(event) }
            }
            // A comment is no event.
            if events.count > count, try await isEnough(events) { return events }
        }
        return events
    }

    private static func event(_ block: Substring) -> ServerEvent? {
        var fields: [String: String] = [:]
        for line in block.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { continue }
            fields[String(line[..<colon])] = String(line[line.index(colon, offsetBy: 2)...])
        }
        guard let id = fields["id"], let name = fields["event"], let data = fields["data"] else { return nil }
        return ServerEvent(id: id, name: name, data: data)
    }
}

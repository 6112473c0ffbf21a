import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Provisioning

/// One call of a route: who asks, what for, with what; checked against the route already.
struct Call: Sendable {
    let caller: Caller
    /// Of the path, by name.
    let parameters: [String: String]
    /// Of the query, by name.
    let query: [String: String]
    /// As the route's schema has it; null for routes without a JSON body.
    let body: JSONValue
    /// For what comes in pieces.
    let request: Request
    let channel: any Channel
    let desk: Desk
    let gate: Gate

    /// A parameter of the path.
    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// A text of the body that the schema demands.
    func text(_ name: String) -> String { body[name].string ?? "" }
}

/// What goes back.
struct Answer: Sendable {
    var status: HTTPResponse.Status = .ok
    var headers: HTTPFields = [:]
    var body = ResponseBody()

    /// A JSON value.
    init(_ json: JSONValue, status: HTTPResponse.Status = .ok) {
        self.status = status
        headers[.contentType] = "application/json"
        body = ResponseBody(byteBuffer: ByteBuffer(string: json.text))
    }

    init(_ problem: Problem) {
        status = problem.status
        headers[.contentType] = "application/problem+json"
        if let wait = problem.retryAfter { headers[.retryAfter] = String(wait.wholeSeconds) }
        body = ResponseBody(byteBuffer: ByteBuffer(string: problem.json.text))
    }

    /// A file to be kept, with its whole text.
    init(file text: String, type: String, named name: String) {
        let escaped =
            name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-."))) ?? ""
        headers = [.contentType: type, .contentDisposition: "attachment; filename*=UTF-8''\(escaped)"]
        body = ResponseBody(byteBuffer: ByteBuffer(string: text))
    }

    init(status: HTTPResponse.Status, headers: HTTPFields, body: ResponseBody) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    static let nothing = Answer(status: .noContent, headers: [:], body: ResponseBody())
}

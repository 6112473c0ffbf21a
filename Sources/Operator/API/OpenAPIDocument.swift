import HTTPTypes
import Provisioning

/// The API's description, made from the same table as the router.
struct OpenAPIDocument: Sendable {
    let json: JSONValue

    init(_ table: RouteTable, station: StationFacts) {
        var schemas: [String: JSONValue] = [:]
        var paths: [String: [String: JSONValue]] = [:]
        for route in table.routes {
            paths["/api/v1" + route.path, default: [:]][route.method.rawValue.lowercased()] = Self.operation(
                route, &schemas)
        }
        json = [
            "openapi": "3.1.0",
            "info": [
                "title": "Provisioning Station", "version": .string(station.version),
                "description": """
                The operator's actions as JSON. A browser signs in and carries a session's cookie and X-CSRF-Token; a \
                machine carries a bearer token with scopes. Errors are application/problem+json.
                """,
            ],
            "paths": .object(paths.mapValues(JSONValue.object)),
            "components": [
                "schemas": .object(schemas),
                "securitySchemes": [
                    "session": ["type": "apiKey", "in": "cookie", "name": "station"],
                    "csrf": ["type": "apiKey", "in": "header", "name": "X-CSRF-Token"],
                    "machine": ["type": "http", "scheme": "bearer"],
                ],
            ],
        ]
    }

    private static func operation(_ route: Route, _ names: inout [String: JSONValue]) -> JSONValue {
        var operation: [String: JSONValue] = [
            "summary": .string(route.summary), "operationId": .string(id(route)),
            "security": .array(security(route)), "responses": .object(responses(route, &names)),
        ]
        if case .permission(let permission) = route.access {
            operation["description"] = .string(
                "Takes the permission `\(permission.rawValue)`: "
                    + Role.allCases.filter(permission.roles.contains).map(\.rawValue).joined(separator: ", ") + ".")
        }
        var parameters: [JSONValue] = route.parts.filter { $0.hasPrefix("{") }.map { part in
            [
                "name": .string(String(part.dropFirst().dropLast())), "in": "path", "required": true,
                "schema": ["type": "string", "minLength": 1],
            ]
        }
        for field in route.query {
            parameters.append([
                "name": .string(field.name), "in": "query", "required": false, "schema": field.schema.json(&names),
                "description": .string(field.note),
            ])
        }
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        switch route.body {
        case .none: break
        case .json(let schema):
            operation["requestBody"] = [
                "required": true, "content": ["application/json": ["schema": schema.json(&names)]],
            ]
        case .form(let schema):
            operation["requestBody"] = [
                "required": true, "content": ["multipart/form-data": ["schema": schema.json(&names)]],
            ]
        }
        return .object(operation)
    }

    private static func id(_ route: Route) -> String {
        let words = route.parts.map { String($0.filter { $0 != "{" && $0 != "}" }) }
        return ([route.method.rawValue.lowercased()] + words).joined(separator: "-").replacing(".", with: "-")
    }

    private static func security(_ route: Route) -> [JSONValue] {
        guard route.access != .all else { return [[:]] }
        let session: JSONValue = route.isChange ? ["session": [], "csrf": []] : ["session": []]
        guard let scope = route.scope else { return [session] }
        return [session, ["machine": [.string(scope.rawValue)]]]
    }

    private static func responses(_ route: Route, _ names: inout [String: JSONValue]) -> [String: JSONValue] {
        var responses: [String: JSONValue] = [:]
        switch route.output {
        case .json(let status, let schema):
            responses[String(status.code)] = [
                "description": .string(status.reasonPhrase),
                "content": ["application/json": ["schema": schema.json(&names)]],
            ]
        case .files(let schema):
            let text: JSONValue = ["schema": ["type": "string"]]
            responses["200"] = [
                "description": "OK",
                "content": [
                    "application/json": ["schema": schema.json(&names)], "text/html": text, "text/csv": text,
                    "application/jsonl": text,
                ],
            ]
        case .nothing: responses["204"] = ["description": "Done"]
        case .events:
            responses["200"] = [
                "description": "A stream without an end",
                "content": ["text/event-stream": ["schema": ["type": "string"]]],
            ]
        }
        var refusals = [429, 500]
        if route.access != .all || route.isChange { refusals += [401, 403] }
        if route.path.contains("{") || route.isChange { refusals += [404, 409, 422] }
        switch route.body {
        case .json, .form: refusals += [400, 413, 415]
        case .none: refusals += route.query.isEmpty ? [] : [422]
        }
        if case .events = route.output { refusals.append(503) }
        for status in refusals {
            responses[String(status)] = [
                "description": .string(HTTPResponse.Status(code: status).reasonPhrase),
                "content": ["application/problem+json": ["schema": Schema.problem.json(&names)]],
            ]
        }
        return responses
    }
}

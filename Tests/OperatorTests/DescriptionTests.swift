import Foundation
import HTTPTypes
import NIOHTTP1
import Provisioning
import Testing

@testable import Operator

@Suite("The API's description and the docs say what the code does")
struct DescriptionTests {
    @Test("every route stands in the OpenAPI document, with what comes in and what goes out")
    func openAPI() async throws {
        try await OperatorBed.with { bed in
            let document = try await bed.api(.GET, "/openapi.json").json
            #expect(document["openapi"] == "3.1.0")
            var ids: Set<String> = []
            for route in RouteTable.all.routes {
                let operation = document["paths"]["/api/v1" + route.path][route.method.rawValue.lowercased()]
                let id = try #require(operation["operationId"].string, "\(route.method) \(route.path)")
                #expect(ids.insert(id).inserted, "\(id) stands twice")
                #expect(operation["responses"].object?.isEmpty == false)
                if case .none = route.body {} else { #expect(operation["requestBody"]["required"] == true) }
            }
            let count = document["paths"].object?.values.reduce(0) { $0 + ($1.object?.count ?? 0) }
            #expect(count == RouteTable.all.routes.count)
            let schemas = document["components"]["schemas"].object ?? [:]
            #expect(!schemas.values.contains(.null))
            for name in ["Slot", "Order", "Person", "ScanAnswer", "UnitLife", "Problem"] {
                #expect(schemas[name] != nil, "\(name) is missing")
            }
        }
    }

    @Test("docs/operator.md prints the code's table of permissions")
    func permissions() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/operator.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains(Permission.table), "put this table into docs/operator.md:\n\(Permission.table)")
    }

    private static let bodies: [(text: String, problems: Int)] = [
        (#"{"name":"A","count":3}"#, 0), (#"{"name":"A","count":3,"note":null}"#, 0), (#"{"name":"A"}"#, 1),
        (#"{"name":"","count":3}"#, 1), (#"{"name":"A","count":300}"#, 1), (#"{"name":"A","count":"3"}"#, 1),
        (#"{"name":"A","count":3,"more":1}"#, 1), (#"{"name":1,"count":null}"#, 2), (#""text""#, 1), ("null", 1),
        ("[]", 1),
    ]

    @Test("a schema takes what it describes and names what it does not", arguments: bodies)
    func schema(text: String, problems: Int) throws {
        let value = try JSONValue(parsing: text)
        let schema = Schema.object([
            .init("name", .text), .init("count", .integer(0...100)), .init("note", .text, isOptional: true),
        ])
        #expect(schema.problems(value).count == problems, "\(schema.problems(value))")
    }
}

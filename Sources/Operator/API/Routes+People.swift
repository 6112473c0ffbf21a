import HTTPTypes
import Provisioning

extension RouteTable {
    /// People and machine tokens.
    static let people: [Route] = [
        Route(
            .get, "/people", .permission(.people), "Everybody; badges and PINs never come back.",
            .json(.ok, .object([.init("people", .list(.person, count: 0...10_000))])),
            { call in Answer(["people": .array(call.desk.people.all.map(\.json))]) }),
        Route(
            .post, "/people", .permission(.people), "Adds somebody.",
            body: .json(
                .object([.init("name", .name), .init("role", .role), .init("badge", .badge), .init("pin", .newPIN)])),
            .json(.created, .person),
            { call in
                let person = try await call.desk.people.add(
                    name: call.text("name"), role: try call.role(), badge: Secret(badge(call.text("badge"))),
                    pin: Secret(call.text("pin")), by: try call.caller.actor)
                return Answer(person.json, status: .created)
            }),
        Route(
            .put, "/people/{id}", .permission(.people), "Changes somebody; what is null or left out stays.",
            body: .json(
                .object([
                    .init("name", .name, isOptional: true), .init("role", .role, isOptional: true),
                    .init("badge", .badge, isOptional: true), .init("pin", .newPIN, isOptional: true),
                ])), .json(.ok, .person),
            { call in
                let id = call.parameter("id")
                let hasRole = call.body["role"] != .null
                let person = try await call.desk.people.change(
                    id, name: call.body["name"].string, role: hasRole ? try call.role() : nil,
                    badge: call.body["badge"].string.map { Secret(badge($0)) },
                    pin: call.body["pin"].string.map { Secret($0) }, by: try call.caller.actor)
                if call.body["badge"] != .null || call.body["pin"] != .null, id != call.caller.person?.id {
                    try await call.desk.signIn.close(person: id)
                }
                return Answer(person.json)
            }),
        Route(
            .delete, "/people/{id}", .permission(.people), "Takes somebody's badge and PIN away for good.", .nothing,
            { call in
                try await call.desk.people.remove(call.parameter("id"), by: try call.caller.actor)
                try await call.desk.signIn.close(person: call.parameter("id"))
                return .nothing
            }),
        Route(
            .get, "/tokens", .permission(.people), "Every machine token; their texts never come back.",
            .json(.ok, .object([.init("tokens", .list(.token, count: 0...10_000))])),
            { call in Answer(["tokens": .array(call.desk.people.tokens.map(\.json))]) }),
        Route(
            .post, "/tokens", .permission(.people), "Gives a machine a token; its text is shown this once.",
            body: .json(
                .object([
                    .init("name", .name),
                    .init("scopes", .list(.choice(MachineToken.Scope.allCases.map(\.rawValue)), count: 1...3)),
                ])), .json(.created, .newToken),
            { call in
                let scopes = (call.body["scopes"].array ?? []).compactMap {
                    $0.string.flatMap(MachineToken.Scope.init(rawValue:))
                }
                let (token, text) = try await call.desk.people.addToken(
                    name: call.text("name"), scopes: Set(scopes), by: try call.caller.actor)
                guard case .object(var members) = token.json else { throw Problem.nothing }
                members["token"] = .string(text)
                return Answer(.object(members), status: .created)
            }),
        Route(
            .delete, "/tokens/{id}", .permission(.people), "Makes a machine token void.", .nothing,
            { call in
                try await call.desk.people.removeToken(call.parameter("id"), by: try call.caller.actor)
                return .nothing
            }),
    ]
}

extension Call {
    /// The role of the body, which the schema has checked.
    fileprivate func role() throws -> Role {
        guard let role = Role(rawValue: text("role")) else { throw Problem.body("没有这个角色", "there is no such role") }
        return role
    }
}

extension Schema {
    private static let tokenFields: [Field] = [
        .init("id", .string(length: 6...12)), .init("name", .name), .init("active", .boolean),
        .init("scopes", .list(.choice(MachineToken.Scope.allCases.map(\.rawValue)), count: 0...3)),
    ]
    static let token = Schema.named("Token", .object(tokenFields))
    static let newToken = Schema.named(
        "NewToken", .object(tokenFields + [.init("token", .text, "shown this once")]))
}

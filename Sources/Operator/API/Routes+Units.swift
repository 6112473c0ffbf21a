import Execution
import HTTPTypes
import Journal
import Provisioning

extension RouteTable {
    /// One unit: its life, and what may be done with it.
    static let units: [Route] =
        [
            Route(
                .get, "/units/{name}", .signedIn, scope: .read, "A unit with its whole life.", .json(.ok, .unitLife),
                { call in
                    let history = try await call.desk.journal.history(deviceName: call.parameter("name"))
                    let figures = try await call.desk.journal.figures(order: history.unit.order).first
                    return Answer(
                        UnitLife(history, figures: figures, people: call.desk.people, caller: call.caller).json)
                }),
            Route(
                .get, "/units/{name}/clientids", .permission(.clientIDs), scope: .units,
                "A unit's ClientIDs, as the cloud lists them.",
                .json(
                    .ok,
                    .object([
                        .init(
                            "client_ids",
                            .list(
                                .object([
                                    .init("client_id", .anyText),
                                    .init("created_at_ms", .nullable(.integer(0...Int64.max))),
                                ]), count: 0...100))
                    ])),
                { call in
                    let found = try await call.desk.perform(
                        .listClientIDs(deviceName: call.parameter("name")), try call.caller.actor)
                    return Answer(["client_ids": found])
                }),
        ] + UnitAction.allCases.map(\.route)
}

/// What may be done with one unit from its page.
enum UnitAction: String, Sendable, CaseIterable {
    case reflash, reset, scrap, replace, hold, release, disable, enable
    case keepClientID = "keep-client-id"
    case clearClientIDs = "clear-client-ids"

    var permission: Permission {
        switch self {
        case .reflash: .reflash
        case .reset: .reset
        case .scrap: .scrap
        case .replace: .replace
        case .hold: .holdUnit
        case .release: .releaseUnit
        case .disable, .enable: .disable
        case .keepClientID, .clearClientIDs: .clientIDs
        }
    }

    var summary: String {
        switch self {
        case .reflash: "Has everything written again when the board is placed; the device credential is kept."
        case .reset: "Has the device opened for registration again when the board is placed and proved."
        case .scrap: "Gives the unit up; two people sign that the board is destroyed."
        case .replace: "Gives the unit up and links the board that takes its place."
        case .hold: "Puts the unit on hold."
        case .release: "Lets a unit on hold run again; where another board may stand under its name, two people sign."
        case .disable: "Forbids the device to connect."
        case .enable: "Lets the device connect again."
        case .keepClientID: "Keeps one ClientID and makes the others void."
        case .clearClientIDs: "Makes all ClientIDs void."
        }
    }

    /// The route's body: what every action takes, and what this one takes besides. What does not apply may be null or
    /// left out.
    private var schema: Schema {
        let second = Schema.object([.init("badge", .badge), .init("pin", .pin)])
        let takesIdentity = self == .replace
        let takesDestroyed = self == .replace || self == .scrap
        let takesClientID = self == .keepClientID
        return .object([
            .init("reason", .reason),
            .init(
                "identity", takesIdentity ? .text : .null, isOptional: !takesIdentity,
                "of the board that takes its place"),
            .init(
                "destroyed", takesDestroyed ? .boolean : .constant(false), isOptional: true,
                "gives the place in the quota back"),
            .init("client_id", takesClientID ? .text : .null, isOptional: !takesClientID),
            .init("second", second, isOptional: true, "who signs besides"),
        ])
    }

    private var path: String { "/units/{name}/\(rawValue)" }

    fileprivate var route: Route {
        Route(
            .post, path, .permission(permission), scope: .units, summary, body: .json(schema),
            .json(.ok, .unit), { call in try await carryOut(call) })
    }

    private func carryOut(_ call: Call) async throws -> Answer {
        let (actor, name, reason) = (try call.caller.actor, call.parameter("name"), call.text("reason"))
        let unit = try await call.desk.journal.unit(deviceName: name)
        // What cannot be undone works only while a person is there who may do it.
        if call.caller.person == nil, permission != .holdUnit, !call.desk.isSignedIn(permission) {
            throw Problem(
                .conflict,
                Bilingual(zh: "没有有权的人登录，机器不能执行", en: "nobody is signed in who may do this: a machine alone cannot"))
        }
        let destroyed = call.body["destroyed"].bool ?? false
        let second = try await call.secondPerson(
            badge: call.body["second"]["badge"].string, pin: call.body["second"]["pin"].string,
            besides: call.caller.person?.id ?? "")
        if try await needsTwo(unit, destroyed: destroyed, call), second == nil || call.caller.person == nil {
            throw Problem.body(
                "需要两个人签字", "\(rawValue) of \(name) takes two people: name the second one's badge and PIN")
        }
        func workflow(_ request: UnitRequest) async throws -> JSONValue {
            try await call.desk.perform(
                .unit(deviceName: name, request: request, reason: reason, second: second?.actor), actor)
        }
        let changed: JSONValue =
            switch self {
            case .reflash: try await workflow(.reflash)
            case .reset: try await workflow(.reset)
            case .scrap: try await workflow(.scrap(destroyed: destroyed))
            case .replace: try await workflow(.replace(identity: call.text("identity"), destroyed: destroyed))
            case .disable: try await workflow(.disable)
            case .enable: try await workflow(.enable)
            case .keepClientID: try await workflow(.keepClientID(call.text("client_id")))
            case .clearClientIDs: try await workflow(.clearClientIDs)
            case .hold: try await call.desk.perform(.holdUnit(deviceName: name, reason: reason), actor)
            case .release: try await release(name, reason, second, actor, call)
            }
        return Answer(changed)
    }

    private func release(
        _ name: String, _ reason: String, _ second: Person?, _ actor: String, _ call: Call
    ) async throws -> JSONValue {
        let whole = second.map { "\(reason) (signed by \($0.actor) too)" } ?? reason
        return try await call.desk.perform(.releaseUnit(deviceName: name, reason: whole), actor)
    }

    /// Whether a second person must sign.
    private func needsTwo(_ unit: BoardUnit, destroyed: Bool, _ call: Call) async throws -> Bool {
        switch self {
        case .scrap, .replace: return destroyed
        case .release:
            let code = try await call.desk.journal.lastRun(unit: unit.id)?.failureCode.flatMap(FailureCode.init(known:))
            return code?.isReleasedByTwo ?? false
        case .reflash, .reset, .hold, .disable, .enable, .keepClientID, .clearClientIDs: return false
        }
    }
}

extension Schema {
    static let unit = Schema.named(
        "Unit",
        .object([
            .init("unit", .integer(1...Int64.max)), .init("order", .text), .init("ordinal", .count),
            .init("product_key", .text), .init("identity_kind", .choice(Identity.Kind.allCases.map(\.rawValue))),
            .init("identity", .text), .init("uid", .text),
            .init("uid_source", .choice(HardwareUID.Source.allCases.map(\.rawValue))), .init("device_name", .text),
            .init("state", .choice(BoardUnit.State.allCases.map(\.rawValue))), .init("runs", .count),
            .init("iot_id", .nullable(.text)),
            .init("pending", .nullable(.choice(PendingWork.allCases.map(\.rawValue)))),
            .init("client_id", .nullable(.text)), .init("iccid", .nullable(.text)),
        ]))
}

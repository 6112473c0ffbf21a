import Execution
import HTTPTypes
import Journal
import Provisioning

extension RouteTable {
    /// Orders and their figures.
    static let orders: [Route] = [
        Route(
            .get, "/orders", .signedIn, scope: .read, "Every order.",
            .json(.ok, .object([.init("orders", .list(.order, count: 0...100_000))])),
            { call in
                let figures = try await call.desk.journal.figures()
                return Answer(["orders": .array(figures.map { OrderTile($0).json })])
            }),
        Route(
            .get, "/orders/{id}", .signedIn, scope: .read, "One order.", .json(.ok, .order),
            { call in Answer(OrderTile(try await call.figures()).json) }),
        Route(
            .post, "/orders", .permission(.createOrder), scope: .orders, "Makes a draft order.",
            body: .json(.orderDraft), .json(.created, .order),
            { call in
                let made = try await call.desk.perform(.createOrder(call.orderDraft), try call.caller.actor)
                return Answer(OrderTile(try await call.figures(made["order"].string ?? "")).json, status: .created)
            }),
        Route(
            .post, "/orders/import", .permission(.createOrder), scope: .orders,
            "Makes the draft orders of a file, CSV or JSON: all of them, or, with every problem told by its line, none.",
            body: .json(.object([.init("text", .string(length: 1...4_000_000))])),
            .json(.created, .object([.init("orders", .list(.order, count: 1...OrderImport.largest))])),
            { call in
                let made = try await call.desk.perform(
                    .orders(.importOrders(text: call.text("text"))), try call.caller.actor)
                var tiles: [JSONValue] = []
                for order in made["orders"].array ?? [] {
                    tiles.append(OrderTile(try await call.figures(order["order"].string ?? "")).json)
                }
                return Answer(["orders": .array(tiles)], status: .created)
            }),
        Route(
            .patch, "/orders/{id}", .permission(.createOrder), scope: .orders,
            "Changes quota, window or limits of an order; null takes a limit away.",
            body: .json(.amendment), .json(.ok, .order),
            { call in
                _ = try await call.desk.perform(
                    .orders(
                        .amend(
                            id: call.parameter("id"), try call.amendment(), reason: call.text("reason"))),
                    try call.caller.actor)
                return Answer(OrderTile(try await call.figures()).json)
            }),
        Route(
            .post, "/orders/{id}/state", .permission(.changeOrder), scope: .orders, "Opens or holds an order.",
            body: .json(.object([.init("state", .choice(["open", "held"])), .init("reason", .reason)])),
            .json(.ok, .order),
            { call in
                let id = call.parameter("id")
                if call.text("state") == "open", try await call.desk.journal.order(id)?.needsCause == true {
                    throw Problem(
                        .conflict,
                        Bilingual(
                            zh: "\(id) 因同一故障连续出现而暂停：先说明原因", en: "\(id) stopped on repetition: name the cause first"))
                }
                _ = try await call.desk.perform(
                    .changeOrder(
                        id: id, state: call.text("state"), leavingUnsettled: false, reason: call.text("reason")),
                    try call.caller.actor)
                return Answer(OrderTile(try await call.figures()).json)
            }),
        Route(
            .post, "/orders/{id}/first-article", .permission(.confirmFirstArticle), "Confirms the first article.",
            .json(.ok, .order),
            { call in
                let order = try await call.figures().order
                try await call.desk.confirmFirstArticle(order.id, actor: try call.caller.actor)
                return Answer(OrderTile(try await call.figures()).json)
            }),
        Route(
            .post, "/orders/{id}/repetition", .permission(.nameCause),
            "Names the cause of a repeated failure and goes on.",
            body: .json(.object([.init("reason", .reason)])), .json(.ok, .order),
            { call in
                let order = try await call.figures().order
                try await call.desk.nameCause(
                    order.id, reason: call.text("reason"), actor: try call.caller.actor)
                return Answer(OrderTile(try await call.figures()).json)
            }),
    ]
}

extension Call {
    /// The figures of the order that the path, or the caller, names.
    /// - Throws: ``Problem`` where there is none.
    fileprivate func figures(_ id: String? = nil) async throws -> OrderFigures {
        let id = id ?? parameter("id")
        guard let figures = try await desk.journal.figures(order: id).first else {
            throw Problem(.notFound, Bilingual(zh: "没有工单 \(id)", en: "there is no order \(id)"))
        }
        return figures
    }

    fileprivate var orderDraft: StationCommand.OrderDraft {
        StationCommand.OrderDraft(
            productKey: text("product_key"), release: text("release"), profile: text("profile"),
            quota: Int(body["quota"].int ?? 0), mode: body["mode"].string ?? RegistrationMode.preRegistered.rawValue,
            activation: body["activation"].string ?? "board", window: body["window"].string,
            labelScan: body["label_scan"].bool ?? false, firstArticle: body["first_article"].bool ?? true,
            stopOnRepetition: body["stop_on_repetition"].bool ?? true, allow: body["allow"].string,
            runLimit: number("run_limit"), stepRetries: number("step_retries"),
            offlineBoards: number("offline_boards"), offlineMinutes: number("offline_minutes"))
    }

    private func number(_ name: String) -> Int? { body[name].int.map(Int.init) }

    /// What the body names is changed: null takes it away, what is left out stays as it is.
    fileprivate func amendment() throws -> OrderAmendment {
        let named = body.object ?? [:]
        func limit(_ name: String) -> OrderAmendment.Limit? {
            named[name].map { value in value.int.map { .at(Int($0)) } ?? .none }
        }
        let amendment = OrderAmendment(
            quota: number("quota"), window: named["window"].map { $0.string ?? "none" }, runLimit: limit("run_limit"),
            stepRetries: limit("step_retries"), offlineBoards: limit("offline_boards"),
            offlineMinutes: limit("offline_minutes"))
        guard amendment != OrderAmendment() else {
            throw Problem.body(
                "只能更改数量、生产时间和上限：其他条款要新建工单",
                "nothing that may change is named: quota, window, run_limit, step_retries, offline_boards, offline_minutes"
            )
        }
        return amendment
    }
}

extension Schema {
    static let orderDraft = Schema.named(
        "OrderDraft",
        .object(
            [
                .init("product_key", .string(length: 1...32, pattern: "^[A-Za-z0-9]+$")), .init("release", .text),
                .init("profile", .text), .init("quota", .integer(1...10_000_000)),
                .init("mode", .choice(["pre-registered", "no-preregistration"]), isOptional: true),
                .init(
                    "activation",
                    .string(length: 5...11, pattern: "^(board|relay|sample=[0-9]{1,4})$", example: "sample=10"),
                    isOptional: true),
                .init("window", .string(length: 3...64), isOptional: true, "FROM/UNTIL in UTC"),
                .init(
                    "label_scan", .boolean, isOptional: true, "each board's label is scanned at its slot; default false"
                ),
                .init(
                    "first_article", .boolean, isOptional: true,
                    "one board passes and a leader confirms it before every slot works; default true"),
                .init(
                    "stop_on_repetition", .boolean, isOptional: true,
                    "failures that repeat hold the order; default true"),
                .init(
                    "allow", .string(length: 1...3_000_000, example: "oui:6055F9"), isOptional: true,
                    "which identities it takes: any, range:FROM..TO, oui:…, tac:…, pattern:… or list: and identities"),
            ] + limitFields))

    /// What an order bears; null = no limit of its own.
    private static let limitFields: [Field] = [
        .init(
            "run_limit", .number(OrderLimits.runsRange), isOptional: true, "runs of a unit; null = the station's limit"),
        .init(
            "step_retries", .number(OrderLimits.stepRetriesRange), isOptional: true,
            "runs after one that failed in a step, each step by itself"),
        .init(
            "offline_boards", .number(OrderLimits.offlineBoardsRange), isOptional: true,
            "units waiting for their activation at which no new board starts"),
        .init(
            "offline_minutes", .number(OrderLimits.offlineMinutesRange), isOptional: true,
            "minutes that the longest waiting unit may wait"),
    ]

    private static func number(_ range: ClosedRange<Int>) -> Schema {
        .integer(Int64(range.lowerBound)...Int64(range.upperBound))
    }

    static let amendment = Schema.named(
        "OrderAmendment",
        .object(
            [
                .init("reason", .reason),
                .init("quota", .number(1...10_000_000), isOptional: true, "not below what is claimed"),
                .init("window", .string(length: 3...64), isOptional: true, "FROM/UNTIL in UTC"),
            ] + limitFields))
}

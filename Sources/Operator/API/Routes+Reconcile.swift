import Execution
import HTTPTypes
import Hummingbird
import Journal
import NIOCore
import Provisioning
import Reports

extension RouteTable {
    /// Reconciliation of an order with the cloud, and what can be done about its rows.
    static let reconciliation: [Route] = [
        Route(
            .post, "/orders/{id}/reconcile", .permission(.changeOrder), scope: .orders,
            "Goes on with an order's reconciliation, or begins one; given again until it says `concluded`.",
            body: .json(.object([.init("packed", .packingList, isOptional: true)])), .json(.ok, .reconcileProgress),
            { call in
                Answer(
                    try await call.desk.perform(
                        .reconcile(order: call.parameter("id"), packed: call.body["packed"].string),
                        try call.caller.actor))
            }),
        Route(
            .get, "/orders/{id}/reconciliation", .permission(.report), scope: .read,
            "An order's last reconciliation: its classes in the order of their tests, and rows of one of them.",
            query: [
                .init("class", .text, isOptional: true, "whose rows are wanted"),
                .init("after", .string(length: 1...9, pattern: "^[0-9]+$"), isOptional: true, "rows passed over"),
                .init(
                    "limit", .string(length: 1...3, pattern: "^[0-9]+$"), isOptional: true, "default 50, at most 500"),
            ], .json(.ok, .reconciliation),
            { call in Answer(try await call.reconciliation()) }),
        Route(
            .post, "/orders/{id}/reconciliation/actions", .permission(.work), scope: .units,
            "Does the one safe thing about a row, or about up to a hundred rows of a class, after looking at the cloud again.",
            body: .json(
                .object([
                    .init("class", .text, isOptional: true, "the class the rows had"),
                    .init("device_name", .text, isOptional: true, "left out = rows of the class"),
                    .init("action", .choice(ReconcileAction.Key.allCases.map(\.rawValue))),
                    .init("client_id", .text, isOptional: true, "the ClientID to keep; left out = the one on record"),
                    .init("reason", .reason),
                    .init("second", .second, isOptional: true, "who signs besides"),
                ])), .json(.ok, .reconcileDone),
            { call in Answer(try await call.actOnRows()) }),
        Route(
            .post, "/orders/{id}/close", .permission(.changeOrder), scope: .orders,
            "Closes an order at zero open rows and writes its archive; given again while it says `reconciling`.",
            body: .json(.object([.init("reason", .reason), .init("packed", .packingList, isOptional: true)])),
            .json(.ok, .batchEnd),
            { call in
                Answer(
                    try await call.desk.perform(
                        .closeBatch(
                            order: call.parameter("id"), packed: call.body["packed"].string, reason: call.text("reason")
                        ),
                        try call.caller.actor))
            }),
        Route(
            .post, "/orders/{id}/terminate", .permission(.changeOrder),
            "Ends an order with open rows, each class with its reason, signed by two; given again while it says "
                + "`reconciling`.",
            body: .json(
                .object([
                    .init("reason", .reason),
                    .init("reasons", .map(.reason), isOptional: true, "by class of open rows"),
                    .init("packed", .packingList, isOptional: true), .init("second", .second),
                ])), .json(.ok, .batchEnd),
            { call in
                let (person, _) = try call.caller.signedIn()
                let second = try await call.secondPerson(
                    badge: call.body["second"]["badge"].string, pin: call.body["second"]["pin"].string,
                    besides: person.id)
                guard let second else { throw Problem.body("需要两个人签字", "second: name the second one's badge and PIN") }
                return Answer(
                    try await call.desk.perform(
                        .terminateBatch(
                            order: call.parameter("id"), packed: call.body["packed"].string,
                            exceptions: (call.body["reasons"].object ?? [:]).compactMapValues(\.string),
                            second: second.actor, reason: call.text("reason")), person.actor))
            }),
    ]
}

extension Call {
    fileprivate func reconciliation() async throws -> JSONValue {
        let order = parameter("id")
        guard try await desk.journal.order(order) != nil else {
            throw Problem(.notFound, Bilingual(zh: "没有工单 \(order)", en: "there is no order \(order)"))
        }
        let last = try await desk.journal.lastReconciliation(order: order)
        let classes = ReconcileClass.allCases.map { found -> JSONValue in
            [
                "class": .string(found.name), "zh": .string(found.zh), "en": .string(found.en),
                "owner": .string(found.owner.rawValue), "open": .bool(found.isOpen),
                "count": .int(last?.body["counts"][found.name].int ?? 0),
            ]
        }
        var page = ReconciliationRows(rows: [], next: nil)
        if let last, let name = query["class"] {
            page = try await ReconciliationRows.read(
                last.number, of: name, after: query["after"].flatMap { Int($0) } ?? 0,
                limit: min(max(1, query["limit"].flatMap { Int($0) } ?? 50), ReconciliationRows.most),
                files: ReconcileFiles(dataFolder: desk.journal.folder))
        }
        return [
            "result": last?.body ?? .null, "classes": .array(classes),
            "rows": .array(page.rows.map(ReconciliationRows.json)), "next": .init(page.next),
        ]
    }

    fileprivate func actOnRows() async throws -> JSONValue {
        guard let key = ReconcileAction.Key(rawValue: text("action")), let permission = key.permission else {
            throw Problem.body("这一行要用手处理", "action: this is done by hand, no command does it")
        }
        if let person = caller.person {
            guard person.may(permission) else { throw Problem.missing(permission) }
        } else if !desk.isSignedIn(permission) {
            throw Problem(
                .conflict,
                Bilingual(zh: "没有有权的人登录，机器不能执行", en: "nobody is signed in who may do this: a machine alone cannot"))
        }
        let second = try await secondPerson(
            badge: body["second"]["badge"].string, pin: body["second"]["pin"].string, besides: caller.person?.id ?? "")
        return try await desk.perform(
            .reconcileAct(
                ReconcileRequest(
                    order: parameter("id"), rowClass: body["class"].string, deviceName: body["device_name"].string,
                    action: key.rawValue, clientID: body["client_id"].string, reason: text("reason"),
                    second: second?.actor)), try caller.actor)
    }
}

extension Schema {
    fileprivate static let second = Schema.object([.init("badge", .badge), .init("pin", .pin)])
    /// One DeviceName or identity a line, or CSV.
    fileprivate static let packingList = Schema.string(length: 1...3_000_000)

    static let batchEnd = Schema.named(
        "BatchEnd",
        .object([
            .init("state", .choice(["reconciling", "open-rows", "closed", "terminated"])),
            .init("progress", .nullable(.reconcileProgress), "of the reconciliation that is made at the end"),
            .init("result", .nullable(.map(.anything)), "the body of its record"),
            .init("archive", .nullable(.map(.anything)), "where it is, and the digest that its signature covers"),
            .init("switch", .nullable(.anything), "what the probe said of the registration switch"),
        ]))

    static let reconcileProgress = Schema.named(
        "ReconcileProgress",
        .object([
            .init("state", .choice(["reading", "asking", "waiting", "concluded"])),
            .init("devices", .nullable(.count), "of the product, read so far"), .init("total", .nullable(.count)),
            .init("left", .nullable(.count), "single devices yet to be asked for"),
            .init("trouble", .nullable(.anyText), "what it waits for"), .init("result", .nullable(.map(.anything))),
        ]))

    static let reconciliation = Schema.named(
        "Reconciliation",
        .object([
            .init("result", .nullable(.map(.anything)), "the body of its record; null = never reconciled"),
            .init(
                "classes",
                .list(
                    .object([
                        .init("class", .text), .init("zh", .text), .init("en", .text),
                        .init("owner", .choice(ReconcileClass.Owner.allCases.map(\.rawValue))),
                        .init("open", .boolean, "its rows keep the batch from closing"), .init("count", .count),
                    ]), count: 0...64), "in the order in which they are tested"),
            .init("rows", .list(.map(.anything), count: 0...ReconciliationRows.most)), .init("next", .nullable(.count)),
        ]))

    static let reconcileDone = Schema.named(
        "ReconcileDone",
        .object([
            .init(
                "rows",
                .list(
                    .object([
                        .init("device_name", .anyText), .init("action", .nullable(.text)), .init("done", .boolean),
                        .init("sentence", .anyText), .init("zh", .anyText),
                    ]), count: 0...1000)), .init("left", .count, "rows of the class that were not worked on"),
        ]))
}

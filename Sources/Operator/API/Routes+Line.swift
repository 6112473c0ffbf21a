import HTTPTypes
import Hummingbird
import Provisioning

extension RouteTable {
    /// What the line shows.
    static let line: [Route] = [
        Route(
            .get, "/state", .all, "Everything the line's page shows, as of the cursor.", .json(.ok, .snapshot),
            { call in Answer(await call.desk.feed.snapshot()) }),
        Route(
            .get, "/events", .all,
            "Server-sent events: a snapshot, then every change; goes on after Last-Event-ID or `after`.",
            query: [.init("after", .string(length: 1...64), isOptional: true)], .events,
            { call in
                let last = HTTPField.Name("Last-Event-ID").flatMap { call.request.headers[$0] } ?? call.query["after"]
                let stream = EventStream(
                    feed: call.desk.feed, epoch: call.desk.epoch, channel: call.channel, lastID: last)
                guard await call.desk.feed.readerCount < EventStream.capacity else {
                    throw Problem(
                        .serviceUnavailable,
                        Bilingual(
                            zh: "打开的页面太多", en: "too many open pages: at most \(EventStream.capacity) are served"),
                        retryAfter: .seconds(5))
                }
                return Answer(
                    status: .ok, headers: [.contentType: "text/event-stream"],
                    body: ResponseBody { writer in
                        try await stream.write(to: &writer)
                        try await writer.finish(nil)
                    })
            }),
        Route(
            .get, "/openapi.json", .all, "This description.", .json(.ok, .anything),
            { call in Answer(OpenAPIDocument(RouteTable.all, station: call.desk.station).json) }),
    ]
}

extension Schema {
    static let wording = Schema.object([
        .init("happened", .anyText), .init("action", .anyText), .init("help", .anyText),
    ])

    static let slot = Schema.named(
        "Slot",
        .object([
            .init("slot", .text),
            .init(
                "word",
                .choice(["EMPTY", "READY", "SCAN", "PLACE", "REMOVE", "BUSY", "PASS", "DONE", "FAIL", "HOLD"])),
            .init("run", .nullable(.integer(1...Int64.max))),
            .init("step", .nullable(.choice(Step.allCases.map(\.rawValue)))),
            .init("done", .nullable(.integer(0...Int64.max)), "work done in the step, in bytes"),
            .init("total", .nullable(.integer(0...Int64.max))), .init("identity", .nullable(.text)),
            .init("device_name", .nullable(.text)), .init("code", .nullable(.failureCode)),
            .init("zh", .nullable(.wording)), .init("en", .nullable(.wording)), .init("message_zh", .anyText),
            .init("message_en", .anyText), .init("order", .nullable(.text)), .init("profile", .text),
            .init("seconds_left", .nullable(.count)), .init("since", .time),
        ]))

    static let failureCode = Schema.string(length: 6...6, pattern: "^[A-Z]{2}-[0-9]{3}$", example: "FL-102")

    static let order = Schema.named(
        "Order",
        .object([
            .init("order", .text), .init("product_key", .text), .init("release", .text), .init("profile", .text),
            .init("quota", .count), .init("claimed", .count), .init("left", .count),
            .init("state", .choice(["draft", "open", "held", "closing", "closed", "terminated"])),
            .init("hold_code", .nullable(.failureCode)), .init("hold_zh", .nullable(.anyText)),
            .init("hold_en", .nullable(.anyText)), .init("mode", .choice(["pre-registered", "no-preregistration"])),
            .init("activation", .text), .init("passed", .count), .init("done", .count), .init("failed", .count),
            .init("held", .count),
            .init("yield_permille", .nullable(.integer(0...1000)), "good in a thousand of the concluded units"),
            .init("offline_debt", .count, "units that wait for their activation"),
            .init("window", .nullable(.text), "when it takes boards, FROM/UNTIL in UTC"),
            .init(
                "rules",
                .object([
                    .init("label_scan", .boolean), .init("first_article", .boolean),
                    .init("stop_on_repetition", .boolean),
                ])),
            .init("allow", .anyText, "which identities it takes"), .init("run_limit", .nullable(.count)),
            .init("step_retries", .nullable(.count)), .init("offline_boards", .nullable(.count)),
            .init("offline_minutes", .nullable(.count)),
            .init(
                "quota_rule", .object([.init("zh", .anyText), .init("en", .anyText)]), "how units count against it"),
            .init("debt_waived", .boolean, "a leader lets it go on beyond its offline limits"),
            .init("first_article", .choice(["off", "wanted", "running", "waiting-for-leader", "confirmed"])),
            .init("title", .text),
        ]))

    static let health = Schema.named(
        "Health",
        .object([
            .init("key", .choice(Health.Key.allCases.map(\.rawValue))),
            .init("level", .choice(Health.Level.allCases.map(\.rawValue))), .init("zh", .anyText),
            .init("en", .anyText),
        ]))

    static let notice = Schema.object([.init("time", .time), .init("zh", .anyText), .init("en", .anyText)])
    static let trayUnit = Schema.object([
        .init("unit", .text), .init("code", .nullable(.failureCode)), .init("since", .anyText),
    ])

    static let shiftTile = Schema.named(
        "ShiftTile",
        .object([
            .init("is_kept", .boolean, "no board starts between shifts"),
            .init("shift", .nullable(.shift), "null = none is open"),
            .init(
                "next",
                .nullable(
                    .object([
                        .init("shift", .text), .init("name", .text), .init("planned_from", .time),
                        .init("planned_until", .time), .init("zone", .text),
                    ]))),
            .init("handover", .nullable(.object([.init("shift", .text), .init("note", .anyText)]))),
        ]))

    static let snapshot = Schema.named(
        "Snapshot",
        .object([
            .init("cursor", .text),
            .init(
                "station",
                .object([
                    .init("id", .text), .init("time", .time), .init("version", .text),
                    .init("language", .choice(["zh", "en"])),
                ])),
            .init("slots", .list(.slot, count: 0...32)), .init("orders", .list(.order, count: 0...10_000)),
            .init("health", .list(.health, count: 0...16)), .init("notices", .list(.notice, count: 0...50)),
            .init("tray", .list(.trayUnit, count: 0...200)), .init("shift", .nullable(.shiftTile)),
        ]))

    static let problem = Schema.named(
        "Problem",
        .object([
            .init("type", .text), .init("title", .text), .init("status", .integer(400...599)),
            .init("code", .nullable(.failureCode)), .init("detail", .anyText), .init("detail_zh", .anyText),
            .init(
                "problems",
                .nullable(
                    .list(
                        .object([
                            .init("line", .count), .init("column", .nullable(.count)),
                            .init("field", .nullable(.anyText)), .init("zh", .anyText), .init("en", .anyText),
                        ]), count: 0...Problem.mostPlaces)), "of a file that was refused: every problem and its place"),
        ]))
}

extension RouteTable {
    /// Every route of the API.
    static let all = RouteTable(
        session + line + scans + shifts + orders + reports + reconciliation + units + releases + people)
}

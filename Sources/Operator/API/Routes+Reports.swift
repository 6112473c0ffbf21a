import HTTPTypes
import Hummingbird
import Journal
import NIOCore
import Provisioning
import Reports

extension RouteTable {
    /// Reports: the figures of a batch, a shift or the station, and the list of shifts.
    static let reports: [Route] = [
        Route(
            .get, "/reports/batch/{order}", .permission(.report), scope: .read, "The report of an order.",
            query: Schema.Field.reportFile, .files(.report),
            { call in try await call.report(.batch(call.parameter("order"))) }),
        Route(
            .get, "/reports/shift/{date}/{name}", .permission(.report), scope: .read,
            "The report of a shift, cut where it ended; an open one's as it stands.",
            query: Schema.Field.reportFile, .files(.report),
            { call in try await call.report(.shift("\(call.parameter("date"))/\(call.parameter("name"))")) }),
        Route(
            .get, "/reports/station", .permission(.report), scope: .read,
            "The report of everything the station did from a time until before another.",
            query: Schema.Field.reportFile + [
                .init("from", .time, isOptional: true, "UTC; left out = from the first record on"),
                .init("until", .time, isOptional: true, "UTC; left out = to the last record"),
            ], .files(.report),
            { call in try await call.report(.station(from: try call.instant("from"), until: try call.instant("until")))
            }),
        Route(
            .get, "/reports/shifts", .permission(.report), scope: .read, "The last shifts, the latest first.",
            .json(.ok, .object([.init("shifts", .list(.shift, count: 0...Self.shiftsListed))])),
            { call in
                let shifts = try await call.desk.journal.shifts(limit: Self.shiftsListed)
                return Answer(["shifts": .array(shifts.map(\.json))])
            }),
    ]

    /// Shifts that the list tells of.
    private static let shiftsListed = 400
}

extension Call {
    /// A report in the format that the query asks for.
    fileprivate func report(_ subject: ReportDesk.Subject) async throws -> Answer {
        let report = try await desk.reports.report(of: subject)
        let language = Report.Language(rawValue: query["language"] ?? desk.station.language) ?? .zh
        let name = "\(report.kind.rawValue)-\(report.title)".map { $0.isLetter || $0.isNumber ? $0 : "-" }
        switch query["format"] {
        case "html":
            return Answer(
                status: .ok,
                headers: [
                    .contentType: "text/html; charset=utf-8",
                    // The page frames the sheet to print it; the sheet has a style of its own and nothing else.
                    .contentSecurityPolicy: desk.sheet.contentSecurityPolicy + "; frame-ancestors 'self'",
                    .frameOptions: "SAMEORIGIN",
                ],
                body: ResponseBody(byteBuffer: ByteBuffer(string: try desk.sheet.html(report, language: language))))
        case "csv":
            return Answer(
                file: report.csv(language: language), type: "text/csv; charset=utf-8", named: "\(String(name)).csv")
        case "jsonl": return Answer(file: report.jsonl, type: "application/jsonl", named: "\(String(name)).jsonl")
        default: return Answer(report.json)
        }
    }

    /// A time of the query in milliseconds since 1970; nil where none is given.
    fileprivate func instant(_ name: String) throws -> Int64? {
        guard let text = query[name] else { return nil }
        guard let time = UTCTime.milliseconds(text) else {
            throw Problem.body("时间不对", "\(name): expected a time such as 2026-07-01T08:00:00Z")
        }
        return time
    }
}

extension Schema.Field {
    /// In which form a report is wanted.
    fileprivate static let reportFile: [Schema.Field] = [
        .init("format", .choice(["json", "html", "csv", "jsonl"]), isOptional: true, "default json"),
        .init("language", .choice(["zh", "en"]), isOptional: true, "of html and csv; default the station's"),
    ]
}

extension Schema {
    static let shift = Schema.named(
        "Shift",
        .object([
            .init("shift", .text, "YYYY-MM-DD/name, by the local date of its start"), .init("date", .text),
            .init("name", .text), .init("planned_from", .time), .init("planned_until", .time), .init("began", .time),
            .init("ended", .nullable(.time)), .init("zone", .text), .init("breaks", .list(.span, count: 0...24)),
            .init("plan_per_hour", .nullable(.count)), .init("people", .list(.text, count: 0...1000)),
            .init("note", .nullable(.anyText), "what it left to the next one"),
            .init("began_seq", .sequence), .init("ended_seq", .nullable(.sequence)),
            .init("end", .nullable(.choice(["calendar", "card", "command"]))),
        ]))

    private static let reportShift = Schema.object([
        .init("shift", .text), .init("date", .text), .init("name", .text), .init("planned_from", .time),
        .init("planned_until", .time), .init("began", .time), .init("ended", .nullable(.time)), .init("zone", .text),
        .init("breaks", .list(.span, count: 0...24)), .init("plan_per_hour", .nullable(.count)),
        .init("people", .list(.text, count: 0...1000)), .init("note", .nullable(.anyText)),
        .init("reason", .nullable(.anyText), "what ended it"),
    ])

    private static let span = Schema.object([.init("from", .time), .init("until", .time)])
    private static let sequence = Schema.integer(0...Int64.max)
    private static let milliseconds = Schema.integer(0...Int64.max)
    /// Hundredths of a percent; null where there is no denominator.
    private static let basisPoints = Schema.nullable(.integer(0...10_000))

    /// What a report counts, shares and compares; the definitions are printed on its sheet.
    static let report = Schema.named(
        "Report",
        .object([
            .init("report", .choice(Report.Kind.allCases.map(\.rawValue))), .init("title", .anyText),
            .init(
                "cut", .object([.init("seq", .sequence), .init("hash", .anyText)]), "the last record that counts"),
            .init("station", .nullable(.anyText)), .init("made_at", .time),
            .init("order", .nullable(.map(.anything))), .init("shift", .nullable(reportShift)),
            .init("from", .nullable(.time)), .init("until", .nullable(.time)),
            .init("counts", .map(.nullable(.integer(0...Int64.max)))), .init("rates", .map(basisPoints)),
            .init("steps", rows([("step", .anyText), ("entered", .count), ("ok", .count), ("yield_bp", basisPoints)])),
            .init("hours", rows([("hour", .time), ("good", .count), ("plan", .nullable(.count))])),
            .init(
                "cycle",
                rows([
                    ("step", .anyText), ("n", .count), ("min_ms", milliseconds), ("median_ms", milliseconds),
                    ("p95_ms", milliseconds), ("max_ms", milliseconds),
                ])),
            .init(
                "slots",
                rows([
                    ("slot", .anyText), ("runs", .count), ("good", .count), ("failed", .count), ("held", .count),
                    ("interrupted", .count), ("median_total_ms", .nullable(milliseconds)),
                ])),
            .init(
                "pareto",
                .map(rows([("key", .anyText), ("count", .count), ("cumulative_bp", .integer(0...10_000))]))),
            .init(
                "adjustments",
                rows([
                    ("unit", .sequence), ("device_name", .nullable(.anyText)), ("was", .nullable(.anyText)),
                    ("is", .nullable(.anyText)), ("seq", .sequence), ("time", .time),
                ])),
            .init("adjustments_total", .count),
        ]))

    private static func rows(_ members: [(String, Schema)]) -> Schema {
        .list(.object(members.map { .init($0.0, $0.1) }), count: 0...100_000)
    }
}

import Foundation
import Provisioning

/// The head of a report: whose it is, label by label.
struct ReportFacts: Sendable {
    struct Fact: Sendable, Hashable {
        let label, value: String
    }

    let all: [Fact]

    init(_ report: Report, language: Report.Language) {
        let time = LocalTime(zone: report.zone)
        var facts: [(Words, String?)] = [(Labels.station, report.station)]
        if let order = report.order {
            facts += [
                (Labels.order, order.id), (Labels.product, order.productKey), (Labels.release, order.release),
                (Labels.profile, order.profile), (Labels.registration, order.registration.words[language]),
                (Labels.activation, order.activation.text(language)), (Labels.state, order.state.words[language]),
            ]
        }
        if let shift = report.shift { facts += Self.facts(shift, time, language) }
        if report.kind == .station {
            facts.append((Labels.span, Self.span(report, time) ?? Labels.everything[language]))
        }
        facts += [
            (Labels.cut, Self.cut(report.cut, language)),
            (Labels.made, time.second(Int64(report.madeAt.timeIntervalSince1970 * 1000))),
            (Labels.zone, time.name),
        ]
        all = facts.compactMap { label, value in value.map { Fact(label: label[language], value: $0) } }
    }

    private static func facts(
        _ shift: ReportShift, _ time: LocalTime, _ language: Report.Language
    ) -> [(Words, String?)] {
        let breaks = shift.breaks.map { "\(time.minute($0.from).suffix(5))–\(time.minute($0.until).suffix(5))" }
        return [
            (Labels.date, shift.date), (Labels.shift, shift.name),
            (Labels.planned, time.span(shift.plannedFrom, shift.plannedUntil)),
            (Labels.actual, time.span(shift.began, shift.ended)),
            (Labels.breaks, breaks.isEmpty ? nil : breaks.joined(separator: ", ")),
            (Labels.people, shift.people.isEmpty ? nil : shift.people.joined(separator: language == .zh ? "、" : ", ")),
            (Labels.planPerHour, shift.planPerHour.map { NumberText.whole($0) }), (Labels.note, shift.note),
        ]
    }

    /// The range of a station's report, open where it has no bound; nil = it has none.
    private static func span(_ report: Report, _ time: LocalTime) -> String? {
        guard report.from != nil || report.until != nil else { return nil }
        return (report.from.map { time.minute($0) } ?? "…") + " – " + (report.until.map { time.minute($0) } ?? "…")
    }

    private static func cut(_ cut: Report.Cut, _ language: Report.Language) -> String {
        let record = language == .zh ? "日志第 \(cut.seq) 条" : "record \(cut.seq)"
        return cut.hash.isEmpty ? record : "\(record) · \(cut.hash.prefix(16))…"
    }
}

extension RegistrationMode {
    var words: Words {
        switch self {
        case .preRegistered: Words("预注册", "pre-registered")
        case .noPreregistration: Words("免预注册", "no pre-registration")
        }
    }
}

extension ActivationMode {
    func text(_ language: Report.Language) -> String {
        switch self {
        case .board: Words("板子自行激活", "by the board")[language]
        case .relay: Words("工站代激活", "relayed by the station")[language]
        case .sample(let every): Words("每 \(every) 块激活 1 块", "every \(every)th board")[language]
        }
    }
}

extension WorkOrder.State {
    var words: Words {
        switch self {
        case .draft: Words("草稿", "draft")
        case .open: Words("进行", "open")
        case .held: Words("暂停", "held")
        case .closing: Words("关闭中", "closing")
        case .closed: Words("已关闭", "closed")
        case .terminated: Words("已终止", "terminated")
        }
    }
}

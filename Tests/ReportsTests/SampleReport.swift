import Foundation
import FoundationXML
import Provisioning
import Testing

@testable import Reports

/// A report of each kind, out of a few boards.
enum SampleReport {
    static let shift = shift(note: "工位 5 的探针该换了", slot: "5", person: "李伟")

    static func shift(note: String, slot: String, person: String) -> Report {
        let script = script(slot: slot, person: person)
        let (cut, until) = (script.last - 2, FactScript.start + 8 * 3_600_000)
        let shift = ReportShift(
            id: "2026-11-02/day", date: "2026-11-02", name: "day", plannedFrom: FactScript.start, plannedUntil: until,
            began: FactScript.start, ended: until + 12, endedSequence: cut, zone: "Asia/Shanghai",
            breaks: [.init(from: FactScript.start + 4 * 3_600_000, until: FactScript.start + 5 * 3_600_000)],
            planPerHour: 2, people: ["Li Wei", person], note: note, endedBy: "card")
        let figures = script.figures(.shift(shift.span(cut: cut, now: until)))
        return report(.shift, figures, shift: shift)
    }

    static let batch: Report = {
        let terms = WorkOrder.Terms(productKey: "a1B2c3D4e5F", release: "1.4.0", profile: "esp32c3", quota: 10)
        return report(
            .batch, script(slot: "007", person: "Li Wei").figures(.batch(order: "WO-0001", quota: 10)),
            order: WorkOrder(id: "WO-0001", terms: terms, state: .open, claimed: 4))
    }()

    static let station = report(
        .station, script(slot: "5", person: "Li Wei").figures(.station(from: FactScript.start, until: nil)))
    static let empty = Report(
        kind: .station, station: nil, cut: .init(seq: 0, hash: ""), madeAt: Date(timeIntervalSince1970: 1_793_664_000),
        figures: FactScript().figures(.station(from: nil, until: nil)))

    private static func report(
        _ kind: Report.Kind, _ figures: Figures, order: WorkOrder? = nil, shift: ReportShift? = nil
    ) -> Report {
        Report(
            kind: kind, station: "line-3", cut: .init(seq: 12, hash: String(repeating: "0f", count: 32)),
            madeAt: Date(timeIntervalSince1970: 1_793_664_000), order: order, shift: shift, figures: figures,
            names: [2: "6055F9000008"], zone: TimeZone(identifier: "Asia/Shanghai"))
    }

    private static func script(slot: String, person: String) -> FactScript {
        var script = FactScript()
        let steps = [
            FactScript.step(.identify, 0, 700), FactScript.step(.flash, 700, 15_000),
            FactScript.step(.activate, 15_700, 4000),
        ]
        script.board(1, .pass, state: .passed, slot: slot, steps: steps)
        script.minute = 200
        script.claim(2)
        script.run(2, .fail, "FL-102", state: .failed, slot: slot, by: person, steps: Array(steps.prefix(1)))
        script.board(3, .fail, "AC-101", state: .failed, slot: "2", steps: steps)
        script.board(4, .done, state: .done, slot: "2", activation: "none", steps: steps)
        script.run(0, .held, "CL-101", state: nil, slot: "2")
        script.retest(2, .pass, state: .passed)
        return script
    }
}

extension SVG: CustomTestStringConvertible {
    var testDescription: String { title }
}

/// Reads markup as XML: its elements, attributes and texts, and what is wrong with it.
final class MarkupReader: NSObject, XMLParserDelegate {
    private(set) var all: [(String, [String: String])] = []
    private(set) var texts: [String: [String]] = [:]
    private(set) var trouble: String?
    private var open: [(name: String, text: String)] = []

    init(_ markup: String) {
        super.init()
        let parser = XMLParser(data: Data(markup.utf8))
        parser.delegate = self
        if !parser.parse() { trouble = parser.parserError.map { "line \(parser.lineNumber): \($0)" } ?? "not XML" }
    }

    var elements: Set<String> { Set(all.map(\.0)) }
    var attributes: Set<String> { Set(all.flatMap(\.1.keys)) }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        all.append((name, attributes))
        open.append((name, ""))
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        if let last = open.indices.last { open[last].text += text }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if let last = open.popLast() { texts[last.name, default: []].append(last.text) }
    }
}

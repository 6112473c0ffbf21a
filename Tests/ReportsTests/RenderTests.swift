import Foundation
import FoundationXML
import Provisioning
import Testing

@testable import Reports

@Suite("Reports as files")
struct RenderTests {
    static let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Station").path
    static let all = [SampleReport.shift, SampleReport.batch, SampleReport.station, SampleReport.empty]

    // MARK: - HTML

    @Test("the sheet is well-formed XML and takes nothing from outside", arguments: all, Report.Language.allCases)
    func wellFormed(_ report: Report, _ language: Report.Language) throws {
        let html = try report.html(language: language, home: Self.home)
        let reading = MarkupReader(html)
        #expect(reading.trouble == nil)
        #expect(reading.elements.contains("main"))
        for element in ["script", "link", "img", "iframe", "object", "image", "use", "a", "base"] {
            #expect(!reading.elements.contains(element), "\(element)")
        }
        for attribute in ["style", "src", "href", "onload", "onclick"] {
            #expect(!reading.attributes.contains(attribute), "\(attribute)")
        }
        #expect(!html.contains("url("))
    }

    @Test("the policy on the sheet allows its own style and nothing else")
    func policy() throws {
        let sheet = try ReportSheet(home: Self.home)
        let html = try sheet.html(SampleReport.shift, language: .zh)
        #expect(html.contains("content=\"\(sheet.contentSecurityPolicy)\""))
        #expect(sheet.contentSecurityPolicy.hasPrefix("default-src 'none'; style-src 'sha256-"))
        #expect(!sheet.contentSecurityPolicy.contains("unsafe"))
    }

    @Test("no placeholder is left, and both languages fill each", arguments: all, Report.Language.allCases)
    func filled(_ report: Report, _ language: Report.Language) throws {
        let html = try report.html(language: language, home: Self.home)
        #expect(!html.contains("{{") && !html.contains("}}"))
        let reading = MarkupReader(html)
        #expect(reading.texts["h2"]?.isEmpty == false)
        for name in ["h1", "h2", "th", "dt"] where report.kind != .station {
            #expect(reading.texts[name, default: []].allSatisfy { !$0.isEmpty }, "\(name)")
        }
    }

    @Test("every word stands in both languages, each in its own")
    func languages() {
        let words =
            Count.allCases.map(\.words) + Rate.allCases.map(\.words) + ParetoKey.allCases.map(\.words)
            + Step.allCases.map(\.words) + BoardUnit.State.allCases.map(\.words)
            + WorkOrder.State.allCases.map(\.words) + Report.Kind.allCases.map(\.words)
            + [RegistrationMode.preRegistered.words, RegistrationMode.noPreregistration.words]
            + Definition.all.flatMap { [$0.term, $0.text] }
        let (zh, en) = (ReportPage(SampleReport.shift, language: .zh), ReportPage(SampleReport.shift, language: .en))
        for word in words.map(\.en) + en.labels.values {
            #expect(!word.isEmpty && word.unicodeScalars.allSatisfy { $0.value < 0x2E80 }, "\(word)")
        }
        for word in words.map(\.zh) + zh.labels.values where word != "95 %" {
            #expect(word.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }, "\(word)")
        }
    }

    @Test("what people typed cannot become markup")
    func injection() throws {
        let nasty = "<script>alert(1)</script>&\"'\u{0}\u{1B}"
        let report = SampleReport.shift(note: nasty, slot: nasty, person: nasty)
        let html = try report.html(language: .en, home: Self.home)
        #expect(!html.contains("<script"))
        #expect(MarkupReader(html).trouble == nil)
    }

    @Test("a missing template is named")
    func missing() {
        #expect(throws: ReportSheetError("/nowhere/report/report.css is missing; check --home")) {
            try SampleReport.shift.html(language: .zh, home: "/nowhere")
        }
    }

    // MARK: - CSV, JSON, JSON Lines

    @Test(
        "the CSV has a byte order mark, CR LF, five cells a line, and every count", arguments: Report.Language.allCases)
    func csv(_ language: Report.Language) {
        let report = SampleReport.batch
        let text = report.csv(language: language)
        #expect(Array(text.utf8.prefix(3)) == [0xEF, 0xBB, 0xBF])
        let lines = CSVReader.cells(String(text.unicodeScalars.dropFirst()))
        #expect(lines.allSatisfy { $0.count == 5 })
        for count in Count.allCases {
            let line = lines.first { $0[0] == Labels.counts[language] && $0[2] == count.words[language] }
            #expect(line?[3] == report.figures.counts[count].map(String.init), "\(count.rawValue)")
        }
        #expect(lines.contains { $0[2] == Rate.firstPass.words[language] && $0[3] == "50.00" && $0[4] == "%" })
        #expect(lines.contains { $0[1] == "007\t" })
    }

    @Test("JSON has every key whatever the report is of", arguments: all)
    func json(_ report: Report) {
        let keys = [
            "report", "title", "station", "cut", "made_at", "order", "shift", "from", "until", "counts", "rates",
            "steps",
            "hours", "cycle", "slots", "pareto", "adjustments", "adjustments_total",
        ]
        #expect(Set(report.json.object?.keys.map { $0 } ?? []) == Set(keys))
        #expect(Set(report.json["pareto"].object?.keys.map { $0 } ?? []) == ["code", "slot", "operator", "release"])
    }

    @Test("JSON Lines say in each line which table it belongs to, and lose nothing", arguments: all)
    func lines(_ report: Report) throws {
        let lines = try report.jsonl.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        let tables = Dictionary(grouping: lines) { $0["table"].string ?? "" }
        let figures = report.figures
        #expect(lines.first?["table"] == "report")
        #expect(tables["counts"]?.count == 1 && tables["rates"]?.count == 1)
        #expect(tables["hours"]?.count ?? 0 == figures.hours.count)
        #expect(tables["slots"]?.count ?? 0 == figures.slots.count)
        #expect(tables["pareto"]?.count ?? 0 == figures.pareto.values.reduce(0) { $0 + $1.count })
        #expect(tables["adjustments"]?.count ?? 0 == figures.adjustments.count)
    }

    // MARK: - Times

    @Test("times of day are the shift's, or UTC where there is no shift")
    func times() {
        let time = LocalTime(zone: TimeZone(identifier: "Asia/Shanghai"))
        #expect(time.second(FactScript.start) == "2026-11-02 08:00:00")
        #expect(time.hour(FactScript.start) == "08")
        #expect(time.span(FactScript.start, FactScript.start + 43_200_000) == "2026-11-02 08:00 – 20:00")
        #expect(
            time.span(FactScript.start + 43_200_000, FactScript.start + 86_400_000)
                == "2026-11-02 20:00 – 2026-11-03 08:00")
        #expect(LocalTime(zone: nil).minute(FactScript.start) == "2026-11-02 00:00")
        #expect(LocalTime(zone: TimeZone(identifier: "Asia/Kolkata")).hour(FactScript.start) == "05:30")
    }

    @Test(
        "numbers are written for people",
        arguments: [
            (NumberText.whole(0), "0"), (NumberText.whole(1234567), "1,234,567"), (NumberText.whole(-1000), "-1,000"),
            (NumberText.percent(9825), "98.25 %"), (NumberText.percent(5), "0.05 %"), (NumberText.percent(nil), "–"),
            (NumberText.seconds(40), "0.04"), (NumberText.seconds(1200), "1.2"), (NumberText.seconds(12_340), "12.3"),
            (NumberText.seconds(145_400), "145"), (NumberText.seconds(nil), "–"),
        ])
    func numbers(_ written: String, _ expected: String) { #expect(written == expected) }
}

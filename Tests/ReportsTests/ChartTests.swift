import Foundation
import Provisioning
import Testing

@testable import Reports

@Suite("Drawings of reports")
struct ChartTests {
    static let drawings: [SVG] = {
        let figures = SampleReport.shift.figures
        let time = LocalTime(zone: TimeZone(identifier: "Asia/Shanghai"))
        let month = (0..<720).map {
            HourOutput(start: FactScript.start + $0 * 3_600_000, good: Int($0 % 97), plan: nil)
        }
        let wide = (1...30).map { ParetoEntry(key: "FL-\($0)", count: 31 - $0, cumulative: $0 * 300) }
        let slots = (1...64).map {
            SlotFigures(
                slot: "a rather long name \($0)", runs: 100_000, good: 99_990, failed: 5, held: 3, interrupted: 2,
                medianTotal: 1)
        }
        return [
            OutputChart(figures.hours, time: time).svg(title: "<hours> & \"more\""),
            OutputChart(month, time: time).svg(title: "days"), OutputChart([], time: time).svg(title: "none"),
            ParetoChart(figures.pareto[.code] ?? []).svg(title: "pareto", rest: "others"),
            ParetoChart(wide).svg(title: "wide", rest: "others"), ParetoChart([]).svg(title: "none", rest: "others"),
            CycleChart(figures.cycle).svg(title: "cycle", language: .zh),
            CycleChart([]).svg(title: "none", language: .en), SlotChart(figures.slots).svg(title: "slots"),
            SlotChart(slots).svg(title: "many"), SlotChart([]).svg(title: "none"),
        ]
    }()

    @Test("a drawing is well-formed and everything lies within it", arguments: drawings)
    func within(_ drawing: SVG) {
        let reading = MarkupReader(drawing.markup)
        #expect(reading.trouble == nil)
        for (element, attributes) in reading.all where ["rect", "line", "text", "circle"].contains(element) {
            func value(_ name: String) -> Double { attributes[name].flatMap(Double.init) ?? 0 }
            let right = max(value("x") + value("width"), value("x1"), value("x2"), value("cx"))
            let bottom = max(value("y") + value("height"), value("y1"), value("y2"), value("cy"))
            #expect(min(value("x"), value("x1"), value("x2"), value("cx")) >= 0, "\(element) \(attributes)")
            #expect(min(value("y"), value("y1"), value("y2"), value("cy")) >= 0, "\(element) \(attributes)")
            #expect(right <= drawing.width + 0.1, "\(element) \(attributes)")
            #expect(bottom <= drawing.height + 0.1, "\(element) \(attributes)")
        }
    }

    @Test("bars are as tall as their figures")
    func proportion() {
        let hours = [0, 25, 50, 100].enumerated().map {
            HourOutput(start: FactScript.start + Int64($0) * 3_600_000, good: $1, plan: 100)
        }
        let drawing = OutputChart(hours, time: LocalTime(zone: nil)).svg(title: "hours")
        let tall = MarkupReader(drawing.markup).all.filter { $0.0 == "rect" }.compactMap {
            $0.1["height"].flatMap(Double.init)
        }
        #expect(tall.count == 3)
        #expect(abs(tall[1] / tall[0] - 2) < 0.02 && abs(tall[2] / tall[0] - 4) < 0.02)
    }

    @Test("more than two days of hours are drawn day by day, in the days of the time zone")
    func days() {
        let hours = (0..<72).map { HourOutput(start: FactScript.start + $0 * 3_600_000, good: 1, plan: 2) }
        let chart = OutputChart(hours, time: LocalTime(zone: TimeZone(identifier: "Asia/Shanghai")))
        #expect(chart.isDaily)
        #expect(chart.bars.map(\.label) == ["11-02", "11-03", "11-04", "11-05"])
        #expect(chart.bars.map(\.good) == [16, 24, 24, 8])
        #expect(chart.bars.map(\.plan) == [32, 48, 48, 16])
    }

    @Test("a unit from decades ago does not make the drawing endless")
    func decades() {
        let hours = (0..<400_000).map { HourOutput(start: $0 * 3_600_000, good: 0, plan: nil) }
        #expect(OutputChart(hours, time: LocalTime(zone: nil)).bars.count == OutputChart.mostDays)
    }

    @Test("what a Pareto has no room for is drawn as one bar")
    func others() {
        let entries = (1...14).map { ParetoEntry(key: "FL-\($0)", count: 20 - $0, cumulative: 0) }
        let chart = ParetoChart(entries)
        #expect(chart.entries.count == 10)
        #expect(chart.others == 9 + 8 + 7 + 6)
    }

    @Test(
        "an axis ends at a round number and has at most five marks",
        arguments: [
            (0, 1, 1), (1, 1, 1), (3, 3, 1), (4, 4, 1), (5, 6, 2), (13, 15, 5), (115, 150, 50), (800, 800, 200),
            (199_999, 200_000, 50_000),
        ])
    func scale(_ largest: Int, _ top: Int, _ step: Int) {
        let scale = Scale(upTo: largest)
        #expect((scale.top, scale.step) == (top, step))
        #expect(scale.marks.count <= 5)
    }
}

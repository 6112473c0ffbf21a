import Provisioning
import Testing

@testable import Reports

@Suite("Figures of a shift and of the station")
struct FiguresShiftTests {
    static let day = "2026-11-02/day"
    static let night = "2026-11-02/night"

    private func span(_ id: String, cut: Int64, from: Int64 = 0, hours: Int64 = 12, plan: Int? = nil) -> FigureScope {
        .shift(
            .init(
                id: id, cut: cut, began: FactScript.start + from * 3_600_000,
                until: FactScript.start + (from + hours) * 3_600_000, planPerHour: plan))
    }

    /// Unit 1 passes in the day shift; unit 2 begins in it and ends in the night; unit 3 fails by day and passes by night;
    /// unit 4 is the night's.
    private func crossing() -> (script: FactScript, day: Int64, night: Int64) {
        var script = FactScript()
        script.board(1, .pass, state: .passed)
        script.board(3, .fail, "FL-102", state: .failed)
        script.minute = 719
        script.claim(2)
        let day = script.last
        script.shift = Self.night
        script.minute = 722
        script.run(2, .pass, state: .passed, took: 3, begunIn: Self.day)
        script.retest(3, .pass, state: .passed)
        script.board(4, .pass, state: .passed)
        return (script, day, script.last)
    }

    @Test("input and FPY go to the shift of the first run's start, as the journal stood at the cut")
    func entered() {
        let (script, cut, _) = crossing()
        let figures = script.figures(span(Self.day, cut: cut))
        #expect(figures.counts[.input] == 3)
        #expect(figures.counts[.unjudged] == 1)
        #expect(figures.counts[.open] == 1)
        #expect(figures.counts[.firstPass] == 1)
        #expect(figures.rates[.firstPass] == 5000)
        #expect(figures.counts[.passed] == 1)
        #expect(figures.counts[.failed] == 1)
        #expect(figures.counts[.runs] == 2)
    }

    @Test("the final result goes to the shift of the last conclusion")
    func concluded() {
        let (script, _, cut) = crossing()
        let figures = script.figures(span(Self.night, cut: cut, from: 12))
        #expect(figures.counts[.input] == 1)
        #expect(figures.counts[.passed] == 3)
        #expect(figures.rates[.final] == 10_000)
        // Unit 2's run began by day, so it is none of the night's runs.
        #expect(figures.counts[.runs] == 2)
    }

    @Test("what came after the cut is told as adjustments, and changes no figure")
    func adjustments() {
        let (script, cut, last) = crossing()
        let figures = script.figures(span(Self.day, cut: cut))
        #expect(figures.adjustmentsTotal == 2)
        #expect(figures.adjustments.map(\.unit) == [2, 3])
        #expect(figures.adjustments.map(\.was) == [.claimed, .failed])
        #expect(figures.adjustments.map(\.now) == [.passed, .passed])
        #expect(figures.adjustments.allSatisfy { $0.seq > cut && $0.seq <= last })
        var earlier = FactScript()
        earlier.board(1, .pass, state: .passed)
        earlier.board(3, .fail, "FL-102", state: .failed)
        earlier.minute = 719
        earlier.claim(2)
        #expect(earlier.figures(span(Self.day, cut: cut)).counts == figures.counts)
    }

    @Test("a unit that is again what it was is no adjustment")
    func unchanged() {
        var script = FactScript()
        script.board(1, .pass, state: .passed)
        let cut = script.last
        script.hold(1)
        script.release(1, to: .passed)
        #expect(script.figures(span(Self.day, cut: cut)).adjustmentsTotal == 0)
    }

    @Test("at most 500 adjustments are listed, and their number is told")
    func manyAdjustments() {
        var script = FactScript()
        for unit in 1...520 { script.board(Int64(unit), .fail, "FL-102", state: .failed) }
        let cut = script.last
        for unit in 1...520 { script.hold(Int64(unit)) }
        let figures = script.figures(span(Self.day, cut: cut))
        #expect(figures.adjustments.count == 500)
        #expect(figures.adjustmentsTotal == 520)
    }

    @Test("a workflow counts for the shift it was done in")
    func workflows() {
        var script = FactScript()
        script.board(1, .pass, state: .passed)
        let day = script.last
        script.shift = Self.night
        script.workflow(1, "reset", state: .failed)
        #expect(script.figures(span(Self.day, cut: day)).counts[.reset] == 0)
        let night = script.figures(span(Self.night, cut: script.last, from: 12))
        #expect(night.counts[.reset] == 1)
        #expect(night.counts[.failed] == 1)
        #expect(night.counts[.input] == 0)
    }

    @Test("every hour of a shift is listed with its plan, and none that begins with its end")
    func hours() {
        var script = FactScript()
        script.board(1, .pass, state: .passed)
        script.minute = 130
        script.board(2, .done, state: .done)
        script.board(3, .fail, "FL-102", state: .failed)
        let figures = script.figures(span(Self.day, cut: script.last, hours: 4, plan: 120))
        #expect(figures.hours.map(\.good) == [1, 0, 1, 0])
        #expect(figures.hours.map(\.plan) == [120, 120, 120, 120])
        #expect(figures.hours.first?.json["hour"] == "2026-11-02T00:00:00Z")
    }

    @Test("work that runs over the planned end has its hour")
    func overtime() {
        var script = FactScript()
        script.minute = 125
        script.board(1, .pass, state: .passed)
        #expect(script.figures(span(Self.day, cut: script.last, hours: 2)).hours.map(\.good) == [0, 0, 1])
    }

    @Test("a range of time takes what began, or was concluded, from its first millisecond on and before its last")
    func range() {
        var script = FactScript()
        script.claim(1)
        script.minute = 10
        script.run(1, .pass, state: .passed, took: 10)
        func figures(_ from: Int64?, _ until: Int64?) -> Figures {
            script.figures(
                .station(
                    from: from.map { FactScript.start + $0 * 60_000 },
                    until: until.map { FactScript.start + $0 * 60_000 }))
        }
        #expect(figures(nil, nil).counts[.input] == 1)
        #expect(figures(0, 10).counts[.input] == 1)
        #expect(figures(0, 10).counts[.passed] == 0)
        #expect(figures(10, nil).counts[.input] == 0)
        #expect(figures(10, 11).counts[.passed] == 1)
        #expect(figures(nil, 0).counts[.runs] == 0)
        #expect(figures(nil, 1).counts[.runs] == 1)
    }
}

import Provisioning
import Testing

@testable import Reports

@Suite("Times, slots and Paretos")
struct FiguresTimeTests {
    private let batch = FigureScope.batch(order: "WO-0001", quota: 1000)

    @Test(
        "median and 95 % are the nearest rank over times floored to 100 ms",
        arguments: [
            ([1234], 1200, 1200), ([100, 200], 100, 200), ([100, 299, 300], 200, 300),
            (Array(1...100).map { $0 * 100 }, 5000, 9500), (Array(1...19).map { $0 * 100 }, 1000, 1900),
            (Array(1...21).map { $0 * 100 }, 1100, 2000), ([0, 0, 99], 0, 0),
            ([50, 700_000, 3_600_000], 700_000, 3_600_000),
        ])
    func quantiles(_ times: [Int], _ median: Int, _ most: Int) {
        var histogram = DurationHistogram()
        for time in times.shuffled() { histogram.add(time) }
        #expect(histogram.quantile(50) == median)
        #expect(histogram.quantile(95) == most)
        #expect(histogram.smallest == times.min())
        #expect(histogram.largest == times.max())
    }

    @Test("steps count where they ended well; the total is that of good runs, to the end of the step that ended last")
    func cycle() {
        var script = FactScript()
        let good = [
            FactScript.step(.identify, 0, 250), FactScript.step(.register, 250, 9000),
            FactScript.step(.flash, 250, 4000), FactScript.step(.conclude, 9300, 55),
        ]
        script.board(1, .pass, state: .passed, steps: good)
        script.board(
            2, .fail, "FL-102", state: .failed,
            steps: [FactScript.step(.identify, 0, 310), FactScript.step(.flash, 310, 99_000, isOK: false)])
        let cycle = script.figures(batch).cycle
        #expect(cycle.map(\.name) == ["identify", "register", "flash", "conclude", "total"])
        #expect(cycle[0] == CycleTime(step: .identify, count: 2, minimum: 250, median: 200, most: 300, maximum: 310))
        #expect(cycle[2].maximum == 4000)
        #expect(cycle[4] == CycleTime(step: nil, count: 1, minimum: 9355, median: 9300, most: 9300, maximum: 9355))
    }

    @Test("a step's yield is of the units whose first attempt came to it")
    func stepYield() {
        var script = FactScript()
        let well = [FactScript.step(.identify, 0, 1), FactScript.step(.flash, 1, 1), FactScript.step(.boot, 2, 1)]
        script.board(1, .pass, state: .passed, steps: well)
        script.board(2, .pass, state: .passed, steps: well)
        script.board(
            3, .fail, "FL-102", state: .failed,
            steps: [FactScript.step(.identify, 0, 1), FactScript.step(.flash, 1, 1, isOK: false)])
        script.board(4, .interrupted, state: nil, steps: well)
        script.retest(3, .pass, state: .passed)
        let steps = script.figures(batch).steps
        #expect(steps.map(\.step) == [.identify, .flash, .boot])
        #expect(steps.map(\.entered) == [3, 3, 2])
        #expect(steps.map(\.passed) == [3, 2, 2])
        #expect(steps.map(\.yield) == [10_000, 6667, 10_000])
    }

    @Test("a step that was done twice in a run counts once, and as passed where it ended well each time")
    func stepTwice() {
        var script = FactScript()
        script.board(
            1, .fail, "BT-101", state: .failed,
            steps: [FactScript.step(.boot, 0, 1), FactScript.step(.boot, 1, 1, isOK: false)])
        #expect(script.figures(batch).steps == [StepYield(step: .boot, entered: 1, passed: 0, yield: 0)])
    }

    @Test("slots stand in the order of their numbers, then of their names")
    func slots() {
        var script = FactScript()
        let steps = [FactScript.step(.identify, 0, 1050)]
        for (unit, slot) in ["10", "A", "9", "left", "2"].enumerated() {
            script.board(Int64(unit + 1), .pass, state: .passed, slot: slot, steps: steps)
        }
        script.run(0, .held, "CL-101", state: nil, slot: "2")
        script.board(9, .fail, "FL-102", state: .failed, slot: "2")
        script.board(10, .interrupted, state: nil, slot: "2")
        let slots = script.figures(batch).slots
        #expect(slots.map(\.slot) == ["2", "9", "10", "A", "left"])
        #expect(
            slots.first
                == SlotFigures(slot: "2", runs: 4, good: 1, failed: 1, held: 1, interrupted: 1, medianTotal: 1000))
    }

    @Test("a Pareto has failed runs and runs held with a code, the most frequent first, then by key")
    func pareto() {
        var script = FactScript()
        for (unit, code) in ["BT-101", "FL-102", "FL-102", "AC-101"].enumerated() {
            script.board(Int64(unit + 1), .fail, code, state: .failed)
        }
        script.run(0, .held, "CL-101", state: nil, by: nil, release: nil)
        script.run(0, .held, state: nil)
        script.board(8, .interrupted, "ST-101", state: nil)
        let pareto = script.figures(batch).pareto
        #expect(pareto[.code]?.map(\.key) == ["FL-102", "AC-101", "BT-101", "CL-101"])
        #expect(pareto[.code]?.map(\.count) == [2, 1, 1, 1])
        #expect(pareto[.code]?.map(\.cumulative) == [4000, 6000, 8000, 10_000])
        #expect(pareto[.operator]?.map(\.key) == ["Li Wei", "–"])
        #expect(pareto[.release]?.last == ParetoEntry(key: "–", count: 1, cumulative: 10_000))
    }
}

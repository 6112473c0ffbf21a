import Provisioning
import Testing

@testable import Reports

/// One line of a definition: what happened, and the figures that follow from it by hand.
struct FigureCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let script: @Sendable (inout FactScript) -> Void
    let counts: [Count: Int]
    var rates: [Rate: Int] = [:]

    init(
        _ name: String, _ counts: [Count: Int], _ rates: [Rate: Int] = [:],
        _ script: @Sendable @escaping (inout FactScript) -> Void
    ) {
        (testDescription, self.script, self.counts, self.rates) = (name, script, counts, rates)
    }

    static let batch: [FigureCase] = [
        FigureCase("nothing happened", [.input: 0, .runs: 0, .claimed: 0, .quotaLeft: 10]) { _ in },
        FigureCase(
            "a board passes at once", [.input: 1, .firstPass: 1, .afterRetest: 0, .passed: 1, .runs: 1, .quotaLeft: 9],
            [.firstPass: 10_000, .second: 10_000, .final: 10_000, .retest: 0]
        ) { $0.board(1, .pass, state: .passed) },
        FigureCase(
            "done counts as good, not as passed", [.firstPass: 1, .passed: 0, .done: 1],
            [.firstPass: 10_000, .final: 10_000]
        ) { $0.board(1, .done, state: .done, activation: "none") },
        FigureCase(
            "good at the second attempt", [.input: 1, .firstPass: 0, .afterRetest: 1, .passed: 1, .runs: 2],
            [.firstPass: 0, .second: 10_000, .third: 10_000, .last: 10_000, .retest: 10_000, .final: 10_000]
        ) {
            $0.board(1, .fail, "FL-102", state: .failed)
            $0.retest(1, .pass, state: .passed)
        },
        FigureCase(
            "good at the fourth attempt", [.firstPass: 0, .afterRetest: 1], [.second: 0, .third: 0, .last: 10_000]
        ) {
            $0.board(1, .fail, "FL-102", state: .failed)
            for _ in 0..<2 { $0.retest(1, .fail, "FL-102", state: .failed) }
            $0.retest(1, .pass, state: .passed)
        },
        FigureCase(
            "two of three at once: halves round up", [.input: 3, .firstPass: 2, .failed: 1],
            [.firstPass: 6667, .final: 6667]
        ) {
            $0.board(1, .pass, state: .passed)
            $0.board(2, .pass, state: .passed)
            $0.board(3, .fail, "BT-101", state: .failed)
        },
        FigureCase(
            "an interrupted run costs no first-pass standing",
            [.input: 1, .firstPass: 1, .afterRetest: 0, .interrupted: 1, .runs: 2], [.firstPass: 10_000, .retest: 0]
        ) {
            $0.board(1, .interrupted, state: nil)
            $0.retest(1, .pass, state: .passed)
        },
        FigureCase(
            "interrupted and nothing after it: under way, not judged, not concluded",
            [.input: 1, .unjudged: 1, .open: 1, .interrupted: 1, .failed: 0]
        ) { $0.board(1, .interrupted, state: nil) },
        FigureCase(
            "an aborted run is no attempt, but gives a state", [.unjudged: 1, .aborted: 1, .failed: 1], [.final: 0]
        ) { $0.board(1, .aborted, state: .failed) },
        FigureCase(
            "a hold for the cloud is no attempt; the finish run is the first one",
            [.firstPass: 1, .offlineDebt: 0, .passed: 1], [.firstPass: 10_000, .retest: 0]
        ) {
            $0.board(1, .held, "AC-201", state: .awaitingActivation)
            $0.retest(1, .pass, state: .passed, mode: "finish")
        },
        FigureCase(
            "waiting for activation is offline debt", [.input: 1, .unjudged: 1, .offlineDebt: 1, .open: 0], [.final: 0]
        ) { $0.board(1, .held, "AC-201", state: .awaitingActivation) },
        FigureCase(
            "a hold for the board's own cause is an attempt", [.unjudged: 0, .held: 1, .firstPass: 0],
            [.firstPass: 0, .final: 0]
        ) { $0.board(1, .held, "ID-106", state: .held) },
        FigureCase(
            "a person's hold and release leave a passed unit first-pass good",
            [.firstPass: 1, .afterRetest: 0, .passed: 1, .held: 0]
        ) {
            $0.board(1, .pass, state: .passed)
            $0.hold(1)
            $0.release(1, to: .passed)
        },
        FigureCase("put on hold after its pass", [.firstPass: 1, .held: 1, .passed: 0], [.final: 0]) {
            $0.board(1, .pass, state: .passed)
            $0.hold(1)
        },
        FigureCase("the run limit puts it on hold", [.held: 1, .failed: 0]) {
            $0.board(1, .fail, "FL-102", state: .failed)
            $0.refuse(1)
        },
        FigureCase(
            "re-flash after a pass: once a unit, still first-pass good",
            [.firstPass: 1, .reflashed: 1, .passed: 1, .runs: 2],
            [.firstPass: 10_000, .retest: 10_000]
        ) {
            $0.board(1, .pass, state: .passed)
            $0.workflow(1, "reflash", state: .passed)
            $0.workflow(1, "reflash", state: .passed)
            $0.retest(1, .pass, state: .passed)
        },
        FigureCase("reset and re-flash of two units", [.reset: 1, .reflashed: 1]) {
            $0.board(1, .pass, state: .passed)
            $0.workflow(1, "reset", state: .failed)
            $0.board(2, .fail, "AC-101", state: .failed)
            $0.workflow(2, "reflash", state: .failed)
        },
        FigureCase(
            "scrapped with its place returned", [.scrapped: 1, .claimed: 1, .quotaReturned: 1, .quotaLeft: 10]
        ) {
            $0.board(1, .fail, "FL-102", state: .failed)
            $0.workflow(1, "scrap", state: .scrapped, returned: true)
        },
        FigureCase(
            "replaced by another board, which takes a place of its own",
            [.input: 2, .replaced: 1, .passed: 1, .claimed: 2, .quotaReturned: 1, .quotaLeft: 9], [.final: 5000]
        ) {
            $0.board(1, .fail, "FL-102", state: .failed)
            $0.workflow(1, "replace", state: .replaced, returned: true)
            $0.board(2, .pass, state: .passed)
        },
        FigureCase("never less than nothing left", [.claimed: 11, .quotaLeft: 0]) { script in
            for unit in 1...11 { script.board(Int64(unit), .pass, state: .passed) }
        },
        FigureCase(
            "refused duplicates are runs without a unit; other refusals are not duplicates",
            [.input: 0, .runs: 5, .refusedDuplicates: 4]
        ) { script in
            for code in ["CL-101", "CL-102", "CL-103", "CL-110", "CL-104"] {
                script.run(0, code == "CL-104" ? .aborted : .held, code, state: nil)
            }
        },
        FigureCase("relay passes are counted apart", [.passed: 2, .relayPasses: 1]) {
            $0.board(1, .pass, state: .passed, activation: "relay")
            $0.board(2, .pass, state: .passed)
        },
        FigureCase("a relay pass that was put on hold is none", [.passed: 0, .relayPasses: 0]) {
            $0.board(1, .pass, state: .passed, activation: "relay")
            $0.hold(1)
        },
        FigureCase("under way again: open, and concluded by neither", [.open: 1, .failed: 0, .input: 1], [.final: 0]) {
            $0.board(1, .fail, "FL-102", state: .failed)
            $0.again(1)
        },
    ]
}

@Suite("Figures of a batch")
struct FiguresTests {
    @Test("what happened gives the figures of its definition", arguments: FigureCase.batch)
    func batch(_ one: FigureCase) {
        var script = FactScript()
        one.script(&script)
        let figures = script.figures(.batch(order: "WO-0001", quota: 10))
        for (count, value) in one.counts { #expect(figures.counts[count] == value, "\(count.rawValue)") }
        for (rate, value) in one.rates { #expect(figures.rates[rate] == value, "\(rate.rawValue)") }
    }

    @Test("rates have no value where there is nothing to divide by")
    func empty() {
        let figures = FactScript().figures(.batch(order: "WO-0001", quota: 10))
        #expect(figures.rates.isEmpty)
        #expect(figures.hours.isEmpty && figures.cycle.isEmpty && figures.slots.isEmpty && figures.steps.isEmpty)
        let rates = figures.json()["rates"]
        #expect(Rate.allCases.allSatisfy { rates?[$0.rawValue] == .null })
    }

    @Test("another order's facts in the stream change nothing")
    func others() {
        var script = FactScript()
        script.board(1, .pass, state: .passed)
        let alone = script.figures(.batch(order: "WO-0001", quota: 10))
        script.order = "WO-0002"
        script.board(2, .fail, "FL-102", state: .failed)
        script.run(0, .held, "CL-101", state: nil)
        #expect(script.figures(.batch(order: "WO-0001", quota: 10)) == alone)
    }

    @Test("every count and rate stands in JSON; those of a quota are null outside a batch")
    func keys() {
        var script = FactScript()
        script.board(1, .pass, state: .passed)
        let counts = script.figures(.station(from: nil, until: nil)).json()["counts"]?.object ?? [:]
        #expect(Set(counts.keys) == Set(Count.allCases.map(\.rawValue)))
        for count in Count.allCases { #expect((counts[count.rawValue] == .null) == count.isOfQuota) }
    }
}

extension FactScript {
    func figures(_ scope: FigureScope) -> Figures {
        var accumulator = FigureAccumulator(scope: scope)
        for fact in sorted { accumulator.add(fact) }
        return accumulator.finish()
    }
}

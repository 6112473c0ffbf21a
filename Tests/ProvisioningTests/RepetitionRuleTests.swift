import Provisioning
import Testing

@Suite("Failures that repeat") struct RepetitionRuleTests {
    /// What one run did: unit, slot, code (nil = pass), seconds.
    struct Run: Sendable { let unit: String, slot: String, code: FailureCode?, at: Int }

    @Test(
        "three units in a row, or two slots within two minutes, with one code",
        arguments: [
            ([Run(unit: "a", slot: "1", code: .digestMismatch, at: 0)], nil),
            (
                [
                    Run(unit: "a", slot: "1", code: .notReady, at: 0),
                    Run(unit: "b", slot: "1", code: .notReady, at: 200),
                    Run(unit: "c", slot: "1", code: .notReady, at: 400),
                ], FailureCode.notReady
            ),
            (
                [
                    Run(unit: "a", slot: "1", code: .notReady, at: 0), Run(unit: "b", slot: "1", code: nil, at: 200),
                    Run(unit: "c", slot: "1", code: .notReady, at: 400),
                    Run(unit: "d", slot: "1", code: .notReady, at: 600),
                ], nil
            ),
            (
                [
                    Run(unit: "a", slot: "1", code: .notReady, at: 0),
                    Run(unit: "b", slot: "1", code: .digestMismatch, at: 200),
                    Run(unit: "c", slot: "1", code: .notReady, at: 400),
                ], nil
            ),
            (
                [
                    Run(unit: "a", slot: "1", code: .notReady, at: 0),
                    Run(unit: "b", slot: "2", code: .notReady, at: 120),
                ], .notReady
            ),
            (
                [
                    Run(unit: "a", slot: "1", code: .notReady, at: 0),
                    Run(unit: "b", slot: "2", code: .notReady, at: 121),
                ],
                nil
            ),
            // One board that is retried is one unit.
            (
                [
                    Run(unit: "a", slot: "1", code: .notReady, at: 0),
                    Run(unit: "a", slot: "1", code: .notReady, at: 60),
                    Run(unit: "a", slot: "2", code: .notReady, at: 90),
                ], nil
            ),
        ] as [([Run], FailureCode?)])
    func repeats(_ runs: [Run], expected: FailureCode?) {
        var rule = RepetitionRule()
        var last: FailureCode?
        for run in runs {
            last = rule.take(unit: run.unit, slot: run.slot, failure: run.code, at: .seconds(run.at))
        }
        #expect(last == expected)
    }
}

import Provisioning

/// The figures that are seen first.
extension ReportPage {
    var tiles: [[String: String]] {
        let (counts, rates) = (report.figures.counts, report.figures.rates)
        func count(_ key: Count) -> Int { counts[key] ?? 0 }
        let judged = count(.input) - count(.unjudged)
        let good = count(.passed) + count(.done)
        let concluded =
            good + count(.failed) + count(.held) + count(.scrapped) + count(.replaced) + count(.offlineDebt)
        return [
            tile(
                "plain", Count.input.words, NumberText.whole(count(.input)),
                count(.unjudged) == 0 ? "" : "\(Count.unjudged.words[language]) \(NumberText.whole(count(.unjudged)))"),
            tile(
                "main", Rate.firstPass.words, NumberText.percent(rates[.firstPass]),
                "\(NumberText.whole(count(.firstPass))) / \(NumberText.whole(judged))"),
            tile(
                "plain", Rate.final.words, NumberText.percent(rates[.final]),
                "\(NumberText.whole(good)) / \(NumberText.whole(concluded))"),
            tile(
                "good", Labels.goodUnits, NumberText.whole(good),
                count(.done) == 0 ? "" : parts([(.passed, .passed), (.done, .done)])),
            tile(
                "bad", Labels.badUnits, NumberText.whole(count(.failed) + count(.held)),
                parts([(.failed, .failed), (.held, .held)])),
            last,
        ]
    }

    /// What is left of an order, how much of a shift's plan is done, or how much is tested again.
    private var last: [String: String] {
        let figures = report.figures
        if let left = figures.counts[.quotaLeft] {
            return tile(
                "plain", Count.quotaLeft.words, NumberText.whole(left),
                "\(Count.quota.words[language]) \(NumberText.whole(figures.counts[.quota]))")
        }
        let plan = figures.hours.reduce(0) { $0 + ($1.plan ?? 0) }
        if plan > 0 {
            let good = figures.hours.reduce(0) { $0 + $1.good }
            return tile(
                "plain", Labels.ofPlan, NumberText.percent(Ratio.basisPoints(good, of: plan)),
                "\(NumberText.whole(good)) / \(NumberText.whole(plan))")
        }
        return tile("plain", Rate.retest.words, NumberText.percent(figures.rates[.retest]), "")
    }

    private func tile(_ style: String, _ label: Words, _ value: String, _ note: String) -> [String: String] {
        ["style": style, "label": label[language], "value": value, "note": note]
    }

    private func parts(_ states: [(Count, BoardUnit.State)]) -> String {
        states.map { "\($1.words[language]) \(NumberText.whole(report.figures.counts[$0]))" }.joined(separator: " · ")
    }
}

import Provisioning

/// What the report's template is filled with.
struct ReportPage: Sendable {
    let report: Report
    let language: Report.Language

    init(_ report: Report, language: Report.Language) { (self.report, self.language) = (report, language) }

    var values: [String: Any] {
        let figures = report.figures
        let time = LocalTime(zone: report.zone)
        let output = OutputChart(figures.hours, time: time)
        let code = ParetoChart(figures.pareto[.code] ?? [])
        let outputTitle = (output.isDaily ? Labels.days : Labels.hours)[language]
        return [
            "lang": language == .zh ? "zh-CN" : "en", "kind": report.kind.rawValue,
            "heading": report.kind.words[language], "name": report.title.isEmpty ? "–" : report.title,
            "station": report.station ?? "",
            "facts": ReportFacts(report, language: language).all.map { ["label": $0.label, "value": $0.value] },
            "tiles": tiles, "label": labels,
            "output": output.bars.isEmpty
                ? [:] as [String: Any]
                : ["svg": output.svg(title: outputTitle).markup, "plan": output.bars.contains { $0.plan != nil }],
            "has_output": !output.bars.isEmpty, "output_title": outputTitle,
            "has_pareto": !code.entries.isEmpty,
            "pareto_svg": code.svg(title: Labels.pareto[language], rest: Labels.others[language]).markup,
            "codes": codes(code.entries), "pareto": [ParetoKey.slot, .operator, .release].map(pareto),
            "has_cycle": !figures.cycle.isEmpty,
            "cycle_svg": CycleChart(figures.cycle).svg(title: Labels.cycle[language], language: language).markup,
            "cycle": figures.cycle.map(cycle), "has_slots": !figures.slots.isEmpty,
            "slots_svg": SlotChart(figures.slots).svg(title: Labels.slots[language]).markup,
            "slots": figures.slots.map(slot), "counts": counts, "rates": rates,
            "has_steps": !figures.steps.isEmpty, "steps": figures.steps.map(step),
            "is_shift": report.kind == .shift, "has_adjustments": !figures.adjustments.isEmpty,
            "adjustments": figures.adjustments.map { adjustment($0, time) }, "more": more,
            "definitions": Definition.all.map { ["term": $0.term[language], "text": $0.text[language]] },
            "cut": String(report.cut.seq), "hash": report.cut.hash,
        ]
    }

    /// Every label by its name in the template.
    var labels: [String: String] {
        let words = [
            "counts": Labels.counts, "rates": Labels.rates, "step_yield": Labels.stepYield, "cycle": Labels.cycle,
            "slots": Labels.slots, "pareto": Labels.pareto, "pareto_by": Labels.paretoBy,
            "adjustments": Labels.adjustments,
            "definitions": Labels.definitions, "entered": Labels.entered, "step_ok": Labels.stepOK,
            "yield": Labels.yield, "step": Labels.step, "good": Labels.good, "failed": Labels.failed,
            "held": Labels.held, "interrupted": Labels.interrupted, "plan": Labels.plan, "n": Labels.number,
            "min": Labels.minimum, "median": Labels.median, "p95": Labels.most, "max": Labels.maximum,
            "count": Labels.count, "cumulative": Labels.cumulative, "what": Labels.what, "board": Labels.board,
            "was": Labels.was, "now": Labels.now, "record": Labels.record, "time": Labels.time,
            "nothing": Labels.nothing, "proof": Labels.proof, "slot": ParetoKey.slot.words,
            "code": ParetoKey.code.words, "runs": Count.runs.words, "unit": Labels.board,
            "median_total": Labels.medianTotal, "cut": Labels.cut,
        ]
        return words.mapValues { $0[language] }
    }

    private func codes(_ entries: [ParetoEntry]) -> [[String: String]] {
        entries.map { entry in
            [
                "key": entry.key, "count": NumberText.whole(entry.count),
                "cumulative": NumberText.percent(entry.cumulative),
                "what": FailureCode.happened(entry.key)?[language] ?? "",
            ]
        }
    }

    private func pareto(_ key: ParetoKey) -> [String: Any] {
        let entries = report.figures.pareto[key] ?? []
        return [
            "title": key.words[language], "has": !entries.isEmpty,
            "entries": entries.prefix(10).map { entry in
                [
                    "key": entry.key, "count": NumberText.whole(entry.count),
                    "cumulative": NumberText.percent(entry.cumulative),
                ]
            },
        ]
    }

    private func cycle(_ time: CycleTime) -> [String: String] {
        [
            "step": time.words[language], "n": NumberText.whole(time.count), "min": NumberText.seconds(time.minimum),
            "median": NumberText.seconds(time.median), "p95": NumberText.seconds(time.most),
            "max": NumberText.seconds(time.maximum),
        ]
    }

    private func slot(_ slot: SlotFigures) -> [String: String] {
        [
            "slot": slot.slot, "runs": NumberText.whole(slot.runs), "good": NumberText.whole(slot.good),
            "failed": NumberText.whole(slot.failed), "held": NumberText.whole(slot.held),
            "interrupted": NumberText.whole(slot.interrupted), "median": NumberText.seconds(slot.medianTotal),
        ]
    }

    private func step(_ step: StepYield) -> [String: String] {
        [
            "step": step.step.words[language], "entered": NumberText.whole(step.entered),
            "ok": NumberText.whole(step.passed), "yield": NumberText.percent(step.yield),
        ]
    }

    private func adjustment(_ one: Adjustment, _ time: LocalTime) -> [String: String] {
        [
            "board": report.names[one.unit] ?? String(one.unit), "was": one.was.words[language],
            "now": one.now.words[language], "record": String(one.seq), "time": time.second(one.time),
        ]
    }

    /// How many adjustments are not listed; empty where all are.
    private var more: String {
        let (shown, total) = (report.figures.adjustments.count, report.figures.adjustmentsTotal)
        guard shown < total else { return "" }
        return Words("共 \(total) 项，列出前 \(shown) 项。", "\(total) in all, the first \(shown) are listed.")[language]
    }

    private var counts: [[String: String]] {
        Count.allCases.compactMap { count in
            report.figures.counts[count].map { ["name": count.words[language], "value": NumberText.whole($0)] }
        }
    }

    private var rates: [[String: String]] {
        Rate.allCases.map {
            ["name": $0.words[language], "value": NumberText.percent(report.figures.rates[$0])]
        }
    }
}

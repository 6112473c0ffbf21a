import Provisioning

/// A report as one CSV table: `section, item, measure, value, unit`, a figure a line, for a spreadsheet to filter.
struct CSVTable: Sendable {
    private let language: Report.Language
    private var lines: [[String]] = []

    init(_ report: Report, language: Report.Language) {
        self.language = language
        head(report)
        let figures = report.figures
        for count in Count.allCases {
            if let value = figures.counts[count] { add(Labels.counts, "", count.words, CSVCell.number(value)) }
        }
        for rate in Rate.allCases { add(Labels.rates, "", rate.words, Self.percent(figures.rates[rate]), "%") }
        for step in figures.steps {
            let name = step.step.words[language]
            add(Labels.stepYield, name, Labels.entered, CSVCell.number(step.entered))
            add(Labels.stepYield, name, Labels.stepOK, CSVCell.number(step.passed))
            add(Labels.stepYield, name, Labels.yield, Self.percent(step.yield), "%")
        }
        hours(figures.hours, LocalTime(zone: report.zone))
        for time in figures.cycle {
            let name = time.words[language]
            add(Labels.cycle, name, Labels.number, CSVCell.number(time.count))
            add(Labels.cycle, name, Labels.minimum, CSVCell.number(time.minimum), "ms")
            add(Labels.cycle, name, Labels.median, CSVCell.number(time.median), "ms")
            add(Labels.cycle, name, Labels.most, CSVCell.number(time.most), "ms")
            add(Labels.cycle, name, Labels.maximum, CSVCell.number(time.maximum), "ms")
        }
        for slot in figures.slots { add(slot) }
        for key in ParetoKey.allCases { pareto(key, figures.pareto[key] ?? []) }
        for adjustment in figures.adjustments { add(adjustment, report.names[adjustment.unit]) }
    }

    /// UTF-8 with byte order mark, lines ended by CR and LF.
    var text: String {
        let first = [Labels.section, Labels.item, Labels.measure, Labels.value, Labels.unit]
            .map { CSVCell.text($0[language]) }
        return "\u{FEFF}" + ([first] + lines).map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    // MARK: - Sections

    private mutating func head(_ report: Report) {
        add(Labels.report, "", Labels.report, CSVCell.text(report.kind.words[language]))
        for fact in ReportFacts(report, language: language).all {
            lines.append([
                CSVCell.text(Labels.report[language]), "", CSVCell.text(fact.label), CSVCell.text(fact.value), "",
            ])
        }
    }

    private mutating func hours(_ hours: [HourOutput], _ time: LocalTime) {
        for hour in hours {
            let name = time.minute(hour.start)
            add(Labels.hours, name, Labels.good, CSVCell.number(hour.good))
            if let plan = hour.plan { add(Labels.hours, name, Labels.plan, CSVCell.number(plan)) }
        }
    }

    private mutating func add(_ slot: SlotFigures) {
        add(Labels.slots, slot.slot, Count.runs.words, CSVCell.number(slot.runs))
        add(Labels.slots, slot.slot, Labels.good, CSVCell.number(slot.good))
        add(Labels.slots, slot.slot, Labels.failed, CSVCell.number(slot.failed))
        add(Labels.slots, slot.slot, Labels.held, CSVCell.number(slot.held))
        add(Labels.slots, slot.slot, Labels.interrupted, CSVCell.number(slot.interrupted))
        if let median = slot.medianTotal {
            add(Labels.slots, slot.slot, Labels.medianTotal, CSVCell.number(median), "ms")
        }
    }

    private mutating func pareto(_ key: ParetoKey, _ entries: [ParetoEntry]) {
        let section = Words(
            Labels.pareto.zh + "：" + key.words.zh, Labels.pareto.en + ": " + key.words.en)
        for entry in entries {
            add(section, entry.key, Labels.count, CSVCell.number(entry.count))
            add(section, entry.key, Labels.cumulative, Self.percent(entry.cumulative), "%")
        }
    }

    private mutating func add(_ adjustment: Adjustment, _ name: String?) {
        let item = name ?? String(adjustment.unit)
        add(Labels.adjustments, item, Labels.was, CSVCell.text(adjustment.was.words[language]))
        add(Labels.adjustments, item, Labels.now, CSVCell.text(adjustment.now.words[language]))
        add(Labels.adjustments, item, Labels.record, CSVCell.number(Int(adjustment.seq)))
        add(Labels.adjustments, item, Labels.time, CSVCell.text(UTCTime.text(adjustment.time)))
    }

    // MARK: - Lines

    /// - Parameter cell: as it stands in the file.
    private mutating func add(_ section: Words, _ item: String, _ measure: Words, _ cell: String, _ unit: String = "") {
        lines.append([
            CSVCell.text(section[language]), CSVCell.text(item), CSVCell.text(measure[language]), cell, unit,
        ])
    }

    private static func percent(_ basisPoints: Int?) -> String { basisPoints.map { NumberText.decimal($0) } ?? "" }
}

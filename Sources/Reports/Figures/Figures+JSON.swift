public import Provisioning

extension Figures {
    /// The members that a report's JSON takes from its figures: `counts`, `rates`, `steps`, `hours`, `cycle`, `slots`,
    /// `pareto`, `adjustments`, `adjustments_total`. Every key is there; what does not apply is null.
    /// - Parameter names: DeviceNames of adjusted units, by number.
    public func json(names: [Int64: String] = [:]) -> [String: JSONValue] {
        [
            "counts": .object(
                Dictionary(uniqueKeysWithValues: Count.allCases.map { ($0.rawValue, .init(counts[$0])) })),
            "rates": .object(Dictionary(uniqueKeysWithValues: Rate.allCases.map { ($0.rawValue, .init(rates[$0])) })),
            "steps": .array(steps.map(\.json)), "hours": .array(hours.map(\.json)), "cycle": .array(cycle.map(\.json)),
            "slots": .array(slots.map(\.json)),
            "pareto": .object(
                Dictionary(
                    uniqueKeysWithValues: ParetoKey.allCases.map { key in
                        (key.rawValue, .array((pareto[key] ?? []).map(\.json)))
                    })),
            "adjustments": .array(adjustments.map { $0.json(name: names[$0.unit]) }),
            "adjustments_total": .init(adjustmentsTotal),
        ]
    }
}

extension StepYield {
    var json: JSONValue {
        [
            "step": .string(step.rawValue), "entered": .init(entered), "ok": .init(passed), "yield_bp": .init(yield),
        ]
    }
}

extension HourOutput {
    var json: JSONValue {
        ["hour": .string(UTCTime.seconds(start / 1000)), "good": .init(good), "plan": .init(plan)]
    }
}

extension CycleTime {
    /// The step's name, or `total`.
    var name: String { step?.rawValue ?? "total" }

    var json: JSONValue {
        [
            "step": .string(name), "n": .init(count), "min_ms": .init(minimum), "median_ms": .init(median),
            "p95_ms": .init(most), "max_ms": .init(maximum),
        ]
    }
}

extension SlotFigures {
    var json: JSONValue {
        [
            "slot": .string(slot), "runs": .init(runs), "good": .init(good), "failed": .init(failed),
            "held": .init(held), "interrupted": .init(interrupted), "median_total_ms": .init(medianTotal),
        ]
    }
}

extension ParetoEntry {
    var json: JSONValue { ["key": .string(key), "count": .init(count), "cumulative_bp": .init(cumulative)] }
}

extension Adjustment {
    func json(name: String?) -> JSONValue {
        [
            "unit": .int(unit), "device_name": .init(name), "was": .string(was.rawValue), "is": .string(now.rawValue),
            "seq": .int(seq), "time": .string(UTCTime.text(time)),
        ]
    }
}

import Provisioning

extension BoardsFound {
    /// - Parameter seed: by which the boards were made.
    func report(_ machine: BenchMachine, slots: Int, seed: UInt64) -> BenchReport {
        BenchReport(
            name: "boards", machine: machine,
            method: [
                "\(boards) boards with a mix of faults over \(slots) slots, seed \(seed), wires unpaced: a real station, with",
                "boards and cloud simulated at the wire. Each end is judged by the fault that was put in; each PASS also by",
                "what stood in the board's flash afterwards and by the cloud's own record.",
            ], figures: figures,
            values: [
                "boards": .init(boards), "slots": .init(slots), "seed": .string(String(seed)),
                "parts": .array(
                    times.map {
                        [
                            "name": .string($0.part), "boards": .init($0.boards),
                            "duration_s": .init(Int($0.duration.components.seconds)),
                        ]
                    }),
                "faults": .object(
                    rows.mapValues { row in
                        [
                            "boards": .init(row.boards), "unexpected": .init(row.unexpected),
                            "ends": .object(row.ends.mapValues { .init($0) }),
                        ]
                    }),
                "units": .init(claimedUnits), "devices": .init(devices),
                "false_passes": .array(falsePasses.map { .string($0) }),
                "false_fails": .array(falseFails.map { .string($0) }),
                "problems": .array(problems.map { .string($0) }), "good": .bool(isGood),
            ])
    }

    private var figures: [String] {
        var lines = times.map { time in
            let seconds = max(1, Int(time.duration.components.seconds))
            return "\(time.part): \(time.boards) boards in \(seconds) s, \(time.boards * 3600 / seconds) an hour"
        }
        lines += ["", Self.row("fault", "boards", "ends")]
        for (name, row) in rows.sorted(by: { $0.key < $1.key }) {
            let ends = row.ends.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)x" }
            lines.append(Self.row(name, "\(row.boards)", ends.joined(separator: ", ")))
        }
        lines += [
            "",
            "units \(claimedUnits), devices \(devices); false PASS \(falsePasses.count), false FAIL "
                + "\(falseFails.count), other problems \(problems.count)",
        ]
        return lines + (falsePasses + falseFails + problems).prefix(50)
    }

    private static func row(_ cells: String...) -> String {
        zip(cells, [28, 8, 0]).map { cell, width in
            cell + String(repeating: " ", count: max(1, width - cell.count))
        }.joined()
    }
}

import Provisioning

/// What one measurement found, for people and for programs.
struct BenchReport: Sendable {
    /// `slots`, `flash`, `journal` or `cloud`.
    let name: String
    let machine: BenchMachine
    /// How it was measured, in sentences.
    let method: [String]
    /// One line a figure.
    let figures: [String]
    /// The figures by name; times in ms or us, ratios in thousandths, null where one was not taken.
    let values: [String: JSONValue]

    var lines: [String] {
        machine.lines + method.enumerated().map { ($0.offset == 0 ? "method    " : "          ") + $0.element }
            + figures
    }

    /// One object: `bench`, `machine`, `method`, and the figures.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "bench": .string(name), "machine": machine.json, "method": .string(method.joined(separator: " ")),
        ]
        members.merge(values) { first, _ in first }
        return .object(members)
    }
}

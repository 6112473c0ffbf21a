import Provisioning

/// What a machine-read JSON value must look like: every key there, nothing besides, each of its type.
indirect enum JSONShape: Sendable {
    case text, whole, anything
    case word([String])
    case orNull(JSONShape)
    case list(JSONShape)
    case object([String: JSONShape])

    /// What of `value` does not fit; empty when all does.
    func problems(_ value: JSONValue, at place: String = "$") -> [String] {
        switch (self, value) {
        case (.anything, _), (.text, .string), (.whole, .int), (.orNull, .null): return []
        case (.word(let words), .string(let word)) where words.contains(word): return []
        case (.orNull(let shape), _): return shape.problems(value, at: place)
        case (.list(let shape), .array(let values)):
            return values.enumerated().flatMap { shape.problems($1, at: "\(place)[\($0)]") }
        case (.object(let members), .object(let found)):
            let strangers = found.keys.filter { members[$0] == nil }.map { "\(place).\($0) is not in the contract" }
            return strangers
                + members.flatMap { key, shape in
                    found[key].map { shape.problems($0, at: "\(place).\(key)") } ?? ["\(place).\(key) is missing"]
                }
        default: return ["\(place) is \(value.text.prefix(60)), expected \(self)"]
        }
    }

    /// What `station demo --json` promises.
    static let demo = JSONShape.object([
        "order": .text, "boards": .whole, "passed": .whole, "done": .whole, "failed": .whole, "held": .whole,
        "interrupted": .whole, "aborted": .whole, "duration_s": .whole,
        "runs": .list(
            .object([
                "slot": .text, "identity": .orNull(.text), "device_name": .orNull(.text),
                "outcome": .word(["pass", "done", "fail", "held", "interrupted", "aborted"]),
                "failure_code": .orNull(.text), "fault": .orNull(.text),
                "steps": .list(
                    .object(["name": .word(steps), "start_ms": .whole, "duration_ms": .whole, "result": .text])),
                "evidence": .orNull(
                    .object([
                        "state": .text, "activated_at": .orNull(.text), "online_at": .orNull(.text),
                        "before": .anything,
                    ])),
            ])),
    ])

    static let steps = ["identify", "claim", "register", "flash", "verify", "boot", "activate", "conclude"]
}

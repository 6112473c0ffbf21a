import Provisioning

/// What one check of the doctor found: whether it is well, what was expected, what was seen, what to do next.
struct DoctorFinding: Sendable, Equatable {
    enum Verdict: String, Sendable, CaseIterable {
        case ok
        /// Boards can run; somebody should look at it.
        case warning
        /// Boards cannot run, or what they leave behind cannot be trusted.
        case problem
    }

    let verdict: Verdict
    /// What was looked at, such as `slot 1 port`.
    let check: String
    let expected: String
    /// Never a secret.
    let seen: String
    /// What to do; nil where all is well.
    let next: String?

    static func ok(_ check: String, expected: String, seen: String) -> DoctorFinding {
        DoctorFinding(verdict: .ok, check: check, expected: expected, seen: seen, next: nil)
    }

    static func warning(_ check: String, expected: String, seen: String, next: String) -> DoctorFinding {
        DoctorFinding(verdict: .warning, check: check, expected: expected, seen: seen, next: next)
    }

    static func problem(_ check: String, expected: String, seen: String, next: String) -> DoctorFinding {
        DoctorFinding(verdict: .problem, check: check, expected: expected, seen: seen, next: next)
    }

    /// The finding for a terminal: one line when all is well, else with what was expected and what to do.
    func lines(checkWidth: Int) -> [String] {
        let mark = verdict.rawValue + String(repeating: " ", count: max(1, 9 - verdict.rawValue.count))
        let name = check + String(repeating: " ", count: max(1, checkWidth + 2 - check.count))
        guard let next else { return ["\(mark)\(name)\(seen) (expected: \(expected))"] }
        return [
            "\(mark)\(name)\(seen)", "         expected: \(expected)", "         next: \(next)",
        ]
    }

    var json: JSONValue {
        [
            "verdict": .string(verdict.rawValue), "check": .string(check), "expected": .string(expected),
            "seen": .string(seen), "next": .init(next),
        ]
    }
}

/// All findings of one visit.
struct DoctorReport: Sendable, Equatable {
    var findings: [DoctorFinding] = []

    /// Whether boards can run as far as the doctor can tell.
    var isHealthy: Bool { count(.problem) == 0 }

    func count(_ verdict: DoctorFinding.Verdict) -> Int { findings.count { $0.verdict == verdict } }

    /// One line that says it all.
    var summary: String {
        "\(count(.ok)) ok, \(count(.warning)) \(count(.warning) == 1 ? "warning" : "warnings"), "
            + "\(count(.problem)) \(count(.problem) == 1 ? "problem" : "problems")"
    }

    var lines: [String] {
        let width = findings.map(\.check.count).max() ?? 0
        return findings.flatMap { $0.lines(checkWidth: width) } + [summary]
    }

    var json: JSONValue {
        [
            "findings": .array(findings.map(\.json)), "ok": .init(count(.ok)), "warnings": .init(count(.warning)),
            "problems": .init(count(.problem)),
        ]
    }
}

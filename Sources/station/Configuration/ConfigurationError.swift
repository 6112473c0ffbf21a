/// One thing that is wrong in a configuration file: where, what stands there, what should.
struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    /// The key's path, such as `slots[0].max_baud`; empty for the file as a whole.
    let key: String
    /// What stands there, as it would be written in the file; nil when nothing does, or when it must not be shown.
    let value: String?
    /// What is allowed, and what to do.
    let expected: String

    var description: String {
        switch (key.isEmpty, value) {
        case (true, _): expected
        case (false, nil): "\(key): \(expected)"
        case (false, let value?): "\(key) = \(value): \(expected)"
        }
    }
}

/// Everything that is wrong in one configuration file.
struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file as it was named.
    let file: String
    /// All problems, in the order of the file's sections.
    let problems: [ConfigurationProblem]

    var description: String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return (["\(file): \(count)"] + problems.map { "  \($0)" }).joined(separator: "\n")
    }
}

/// Everything that is wrong with a stand-in's configuration, told at once.
public struct CloudConfigurationError: Error, Equatable, CustomStringConvertible {
    /// One sentence for each problem: key path, what was found, what is allowed. Never a secret's value.
    public let problems: [String]

    public init(problems: [String]) { self.problems = problems }

    public var description: String {
        "the cloud stand-in's configuration has \(problems.count == 1 ? "a problem" : "\(problems.count) problems"):\n"
            + problems.map { "  - \($0)" }.joined(separator: "\n")
    }
}

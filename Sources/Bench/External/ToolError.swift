/// Why an external program could not be used.
public struct ToolError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The command in the profile cannot be used.
        case template
        /// The program is not there or may not be run.
        case missing
        /// The program could not be started, or its output not be read.
        case start
        /// The program's version could not be told.
        case version
        /// The program's file is another one than expected.
        case mismatch
        /// The task was cancelled and the program ended.
        case cancelled
    }

    public let code: Code
    /// What happened, with expected and received values, and what to do next.
    public let sentence: String

    public init(_ code: Code, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    public var description: String { sentence }
}

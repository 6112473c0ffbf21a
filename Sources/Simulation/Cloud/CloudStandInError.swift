/// Why the cloud stand-in could not start or go on.
public struct CloudStandInError: Error, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// A door could not be opened.
        case listen
        /// A file could not be read or written.
        case file
        /// The admin door did not answer as expected.
        case admin
    }

    public let code: Code
    public let sentence: String

    public init(code: Code, sentence: String) { (self.code, self.sentence) = (code, sentence) }

    public var description: String { sentence }
}

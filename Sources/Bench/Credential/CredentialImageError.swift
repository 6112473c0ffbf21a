/// Why a credential cannot be put into an image or read from one. Never holds a value.
public struct CredentialImageError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// A name or value cannot be written, or is missing.
        case value
        /// It does not fit.
        case size
        /// There is no header, or no marker.
        case absent
        /// The marker stands more than once.
        case ambiguous
        /// The place is not free.
        case occupied
        /// A check value does not fit.
        case damaged
    }

    public let code: Code
    /// What happened, expected and received, and what to do.
    public let sentence: String

    public init(_ code: Code, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    public var description: String { sentence }
}

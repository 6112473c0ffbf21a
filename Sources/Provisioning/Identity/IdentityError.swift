/// Why a text or a register value is not an acceptable identity.
public struct IdentityError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The check that refused, in the order in which the checks are made.
    public enum Code: String, Sendable, CaseIterable {
        case length, characters, allZero, allOnes, multicast, locallyAdministered, checkDigit, testNumber, pattern
    }

    /// The kind of identity that was expected: `mac`, `imei`, `sn` or `iccid`.
    public let kind: String
    public let code: Code
    /// What was received, so that the operator can compare it with the label.
    public let received: String
    /// What would have been right.
    public let expected: String

    public init(kind: String, code: Code, received: String, expected: String) {
        (self.kind, self.code, self.received, self.expected) = (kind, code, received, expected)
    }

    public var description: String { "\(kind) \"\(received)\" refused (\(code.rawValue)): expected \(expected)" }
}

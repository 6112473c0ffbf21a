/// A serial number of the factory's own making, which keeps to a pattern and to the cloud's charset.
public struct SerialNumber: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// Checks a serial number.
    /// - Parameter pattern: a regular expression (ICU) which the whole text must match; nil = only the charset counts.
    /// - Throws: ``IdentityError`` with `length` (1–32), `characters` (letters, digits and `-_@.:`), `allZero`, or
    ///   `pattern` (also when the pattern itself cannot be read).
    public init(_ text: String, pattern: String? = nil) throws(IdentityError) {
        func refuse(_ code: IdentityError.Code, _ expected: String) -> IdentityError {
            IdentityError(kind: "sn", code: code, received: text, expected: expected)
        }
        guard (1...32).contains(text.count) else { throw refuse(.length, "1 to 32 characters, not \(text.count)") }
        guard text.allSatisfy(DeviceName.isAllowed) else { throw refuse(.characters, "letters, digits and - _ @ . :") }
        guard text.contains(where: { $0 != "0" }) else { throw refuse(.allZero, "a number that was programmed") }
        if let pattern {
            guard let expression = try? ConsolePattern("^(?:\(pattern))$"), expression.matches(text) else {
                throw refuse(.pattern, "a number that matches \(pattern)")
            }
        }
        self.text = text
    }

    public var description: String { text }
}

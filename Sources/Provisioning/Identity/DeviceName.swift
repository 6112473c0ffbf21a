/// The cloud's name for a unit: 4 to 32 letters, digits and `- _ @ . :`.
///
/// Source: IoT Platform, RegisterDevice, parameter DeviceName. Case is kept on the wire; two names that differ only by
/// case are never created, since the platform's own rule on case is not documented.
public struct DeviceName: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// - Throws: ``IdentityError`` with `length` or `characters`.
    public init(_ text: String) throws(IdentityError) {
        guard (4...32).contains(text.count) else {
            throw IdentityError(
                kind: "DeviceName", code: .length, received: text, expected: "4 to 32 characters, not \(text.count)")
        }
        guard text.allSatisfy(Self.isAllowed) else {
            throw IdentityError(
                kind: "DeviceName", code: .characters, received: text, expected: "letters, digits and - _ @ . :")
        }
        self.text = text
    }

    /// Names are unique by this form.
    public var folded: String { text.lowercased() }
    public var description: String { text }

    static func isAllowed(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-_@.:".contains(character))
    }
}

/// An answer whose last field is a value of announced length, so that it may hold any bytes.
///
/// Source: ESP-AT "Basic AT Commands", AT+SYSFLASH (read) and AT+SYSMFG (read).
public enum ATCountedAnswer: Equatable, Sendable {
    /// `+SYSFLASH:<length>,<data>`.
    case flash
    /// `+SYSMFG:"<namespace>","<key>",<type>,<length>,<value>`.
    case manufacturing

    /// Longest value taken, in bytes: more is no answer but damage.
    public static let limit = 8192
    /// Longest head, in bytes: names of 15 bytes and numbers. What is longer is a line.
    static let longestHead = 128

    /// How many bytes follow `head`, which ends with a comma; nil where it is not yet a whole head, or none.
    func count(after head: [UInt8]) -> Int? {
        guard head.count <= Self.longestHead else { return nil }
        let text = String(decoding: head.dropLast(), as: UTF8.self)
        switch self {
        case .flash:
            guard text.hasPrefix("+SYSFLASH:") else { return nil }
            return Self.count(text.dropFirst("+SYSFLASH:".count))
        case .manufacturing:
            guard let fields = ATText.fields(of: text, prefix: "+SYSMFG"), fields.count == 4, Int(fields[2]) != nil
            else { return nil }
            return Self.count(fields[3])
        }
    }

    private static func count(_ text: some StringProtocol) -> Int? {
        guard let number = Int(text), (0...limit).contains(number) else { return nil }
        return number
    }
}

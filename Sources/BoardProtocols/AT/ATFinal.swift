/// A final result code: the one line that ends a command.
///
/// Source: V.250, section 6.2.7 and table 1; 3GPP TS 27.007, section 9.2; 3GPP TS 27.005, section 3.2.5.
public enum ATFinal: Equatable, Sendable, CustomStringConvertible {
    case ok
    case error
    /// `+CME ERROR: n` or `+CME ERROR: text`; the code where it is a number.
    case equipment(code: Int?, text: String)
    /// `+CMS ERROR: n`.
    case message(code: Int?, text: String)
    /// `NO CARRIER`, `BUSY`, `NO ANSWER`, `NO DIALTONE`.
    case callEnded(String)
    /// Another word for failure: `FAIL`, `SEND FAIL`, `busy p...`.
    case failure(String)

    /// The result that `line` is, or nil.
    /// - Parameter numeric: whether the module answers in digits (ATV0).
    public init?(_ line: String, numeric: Bool = false) {
        switch line {
        case "OK": self = .ok
        case "ERROR": self = .error
        case "NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE": self = .callEnded(line)
        case "FAIL", "SEND FAIL", "busy p...", "busy s...": self = .failure(line)
        default:
            if let text = ATText.payload(of: line, prefix: "+CME ERROR") {
                self = .equipment(code: Int(text), text: text)
            } else if let text = ATText.payload(of: line, prefix: "+CMS ERROR") {
                self = .message(code: Int(text), text: text)
            } else if numeric, let result = Self.digit(line) {
                self = result
            } else {
                return nil
            }
        }
    }

    private static func digit(_ line: String) -> ATFinal? {
        switch line {
        case "0": .ok
        case "3": .callEnded("NO CARRIER")
        case "4": .error
        case "6": .callEnded("NO DIALTONE")
        case "7": .callEnded("BUSY")
        case "8": .callEnded("NO ANSWER")
        default: nil
        }
    }

    /// As the module prints it in words.
    public var description: String {
        switch self {
        case .ok: "OK"
        case .error: "ERROR"
        case .equipment(_, let text): "+CME ERROR: \(text)"
        case .message(_, let text): "+CMS ERROR: \(text)"
        case .callEnded(let text), .failure(let text): text
        }
    }

    /// The result without any text of the module's own, which might repeat the command.
    public var bare: String {
        switch self {
        case .equipment(let code?, _): "+CME ERROR: \(code)"
        case .equipment(nil, _): "+CME ERROR"
        case .message(let code?, _): "+CMS ERROR: \(code)"
        case .message(nil, _): "+CMS ERROR"
        default: description
        }
    }
}

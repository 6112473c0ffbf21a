/// Tells what each line that comes while a command runs is: echo, information, final result, or something unsolicited.
///
/// Unsolicited lines may come between any two lines but not inside one. A line with the command's own prefix is its
/// information; a line without any prefix is information only where the command answers so (``takesBare``).
/// Source: V.250, section 5.7.1; 3GPP TS 27.007, section 4.2.
public struct ATAnswer: Sendable {
    /// What a line is to the running command.
    public enum Line: Equatable, Sendable {
        case echo
        case information(String)
        case final(ATFinal)
        /// Asks for data: `CONNECT`.
        case connect
        /// A line of a known shape that nobody asked for.
        case unsolicited(String)
        /// Printable, and nothing that a module is known to say: a word of its own, or damage.
        case unknown(String)
        /// Bytes that no module prints.
        case damaged
    }

    private let command: [UInt8]
    private let prefix: String?
    private let takesBare: Bool
    private let numeric: Bool
    private let success: String?

    /// - Parameters:
    ///   - command: as sent, without its CR.
    ///   - prefix: of the information lines, such as `+CGSN`; nil where there are none with a prefix.
    ///   - takesBare: whether lines without prefix are information.
    ///   - numeric: whether results are digits (ATV0).
    ///   - success: another line that ends the command well, such as `SEND OK`.
    public init(
        command: [UInt8], prefix: String?, takesBare: Bool = false, numeric: Bool = false, success: String? = nil
    ) {
        (self.command, self.prefix, self.takesBare) = (command, prefix, takesBare)
        (self.numeric, self.success) = (numeric, success)
    }

    /// Judges one line.
    public func judge(_ line: [UInt8]) -> Line {
        guard let text = ATText.printable(line) else { return .damaged }
        if line == command { return .echo }
        if let success, text == success { return .final(.ok) }
        if let result = ATFinal(text, numeric: numeric) { return .final(result) }
        if let prefix, ATText.payload(of: text, prefix: prefix) != nil { return .information(text) }
        if text == "CONNECT" || text.hasPrefix("CONNECT ") { return .connect }
        if Self.isUnsolicited(text) { return .unsolicited(text) }
        guard takesBare, !text.uppercased().contains("AT+"), !text.uppercased().hasPrefix("AT") || text.contains(":")
        else { return .unknown(text) }
        return .information(text)
    }

    /// Words by which modules speak up: boot, SIM, radio, Wi-Fi, calls. Compared whole.
    private static let words: Set<String> = [
        "RDY", "ready", "READY", "APP RDY", "SMS Ready", "Call Ready", "SMS DONE", "PB DONE", "RING",
        "NORMAL POWER DOWN",
        "POWERED DOWN", "OVER-VOLTAGE WARNING", "UNDER-VOLTAGE WARNING", "WIFI CONNECTED", "WIFI GOT IP",
        "WIFI DISCONNECT", "will force to restart!!!", "SEND OK", "smartconfig type:", "CLOSED",
    ]

    /// Whether the line has the shape of an unsolicited result code: a known word, or a prefix with a colon.
    public static func isUnsolicited(_ text: String) -> Bool {
        if words.contains(text) || text.hasPrefix("ERR CODE:") { return true }
        guard let first = text.first, "+^$*%#".contains(first), let colon = text.firstIndex(of: ":") else {
            return false
        }
        let name = text[text.index(after: text.startIndex)..<colon]
        return !name.isEmpty
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == " ") }
    }
}

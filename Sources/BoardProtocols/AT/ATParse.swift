/// Reads the values out of a command's information lines. Forms only: the identity rules judge what was read.
///
/// Each of them gives the one value that all fitting lines agree on, or nil where there is none or where there are two:
/// a garbled line must not win over the true one.
public enum ATParse {
    /// A 15-digit IMEI from AT+CGSN, AT+CGSN=1, AT+GSN or AT+EGMR=0,7: bare, or after a prefix, quoted or not.
    ///
    /// Source: 3GPP TS 27.007, section 5.4; modules that ignore the argument answer bare.
    public static func imei(_ lines: [String]) -> String? {
        value(lines) { $0.count == 15 && $0.allSatisfy(isDigit) ? $0 : nil }
    }

    /// A 16-digit IMEISV from AT+CGSN=2.
    public static func imeisv(_ lines: [String]) -> String? {
        value(lines) { $0.count == 16 && $0.allSatisfy(isDigit) ? $0 : nil }
    }

    /// A module's own serial number: any one text, bare or after a prefix, quoted or not.
    public static func serial(_ lines: [String]) -> String? { value(lines) { $0 } }

    /// A SIM card's number from AT+QCCID, AT+CCID or AT+ICCID: 19 or 20 digits; a trailing F is dropped.
    public static func iccid(_ lines: [String]) -> String? {
        value(lines) { text in
            let bare = text.count == 20 && text.last?.uppercased() == "F" ? String(text.dropLast()) : text
            return (19...20).contains(bare.count) && bare.allSatisfy(isDigit) ? bare : nil
        }
    }

    /// Six octets from AT+CIPSTAMAC?, as `aa:bb:cc:dd:ee:ff`, quoted or not.
    ///
    /// Source: ESP-AT "Wi-Fi AT Commands", AT+CIPSTAMAC.
    public static func mac(_ lines: [String]) -> [UInt8]? {
        let text = value(lines) { $0.count == 17 ? $0.uppercased() : nil }
        guard let pairs = text?.split(separator: ":", omittingEmptySubsequences: false), pairs.count == 6 else {
            return nil
        }
        let octets = pairs.compactMap { pair in
            pair.count == 2 && pair.allSatisfy(\.isHexDigit) ? UInt8(pair, radix: 16) : nil
        }
        return octets.count == 6 ? octets : nil
    }

    /// The model or the firmware's version: the first line, its prefix and quotes taken off.
    public static func text(_ lines: [String]) -> String? {
        lines.first.flatMap { ATText.unquoted(withoutPrefix($0)) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A partition that AT+SYSFLASH? lists.
    public struct Partition: Equatable, Sendable {
        public let name: String
        public let type: Int
        public let subtype: Int
        /// In flash, bytes.
        public let address: Int
        /// In bytes.
        public let size: Int
        /// Whether the module puts names in quotes: it then wants them so in commands.
        public let isQuoted: Bool

        public init(name: String, type: Int, subtype: Int, address: Int, size: Int, isQuoted: Bool) {
            (self.name, self.type, self.subtype) = (name, type, subtype)
            (self.address, self.size, self.isQuoted) = (address, size, isQuoted)
        }
    }

    /// One line `+SYSFLASH:<partition>,<type>,<subtype>,<addr>,<size>`; nil where it is none, or names a place beyond the
    /// 4 GiB that flash can have.
    public static func partition(_ line: String) -> Partition? {
        guard let fields = ATText.fields(of: line, prefix: "+SYSFLASH"), fields.count == 5, !fields[0].isEmpty,
            let type = ATText.number(fields[1]), let subtype = ATText.number(fields[2]),
            let address = ATText.number(fields[3]), let size = ATText.number(fields[4]),
            (0..<1 << 32).contains(address), size > 0, size <= 1 << 32 - address
        else { return nil }
        return Partition(
            name: fields[0], type: type, subtype: subtype, address: address, size: size,
            isQuoted: line.contains("\""))
    }

    /// The head of a read answer `+SYSMFG:"<namespace>","<key>",<type>,<length>,`; nil where it is none.
    public static func manufacturing(_ head: String) -> (namespace: String, key: String, type: Int, length: Int)? {
        guard let fields = ATText.fields(of: head, prefix: "+SYSMFG"), fields.count >= 4, let type = Int(fields[2]),
            let length = Int(fields[3])
        else { return nil }
        return (fields[0], fields[1], type, length)
    }

    // MARK: - Pieces

    private static func value(_ lines: [String], _ fit: (String) -> String?) -> String? {
        let found = Set(lines.compactMap { ATText.unquoted(withoutPrefix($0)).flatMap(fit) })
        return found.count == 1 ? found.first : nil
    }

    /// `line` without `+NAME:`.
    private static func withoutPrefix(_ line: String) -> String {
        guard line.hasPrefix("+") || line.hasPrefix("^"), let colon = line.firstIndex(of: ":") else { return line }
        return ATText.trimmed(String(line[line.index(after: colon)...]))
    }

    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
}

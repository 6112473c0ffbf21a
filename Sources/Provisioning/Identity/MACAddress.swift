/// An EUI-48 that names one board: unicast, vendor given, neither all zero nor all ones.
///
/// Source: IEEE RA guidelines for EUI-48; checks as in the field's practice for factory lines.
public struct MACAddress: Hashable, Sendable, CustomStringConvertible {
    /// The six octets in transmission order.
    public let octets: [UInt8]

    /// Checks six octets.
    /// - Throws: ``IdentityError`` with `length`, `allZero`, `allOnes`, `multicast` (bit 0 of the first octet) or
    ///   `locallyAdministered` (bit 1: a default or a randomised address, not the vendor's).
    public init(octets: [UInt8]) throws(IdentityError) {
        let text = octets.map(Self.hexPair).joined()
        func refuse(_ code: IdentityError.Code, _ expected: String) -> IdentityError {
            IdentityError(kind: "mac", code: code, received: text, expected: expected)
        }
        guard octets.count == 6 else { throw refuse(.length, "6 octets, not \(octets.count)") }
        guard octets.contains(where: { $0 != 0 }) else { throw refuse(.allZero, "an address that was programmed") }
        guard octets.contains(where: { $0 != 0xFF }) else { throw refuse(.allOnes, "an address that was programmed") }
        guard octets[0] & 1 == 0 else { throw refuse(.multicast, "a unicast address (bit 0 of the first octet clear)") }
        guard octets[0] & 2 == 0 else {
            throw refuse(.locallyAdministered, "a vendor-given address (bit 1 of the first octet clear)")
        }
        self.octets = octets
    }

    /// Reads `AABBCCDDEEFF`, `AA:BB:…`, `AA-BB-…`, either case.
    public init(_ text: String) throws(IdentityError) {
        let digits = text.filter { $0 != ":" && $0 != "-" }
        guard digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            throw IdentityError(kind: "mac", code: .characters, received: text, expected: "hexadecimal digits")
        }
        guard digits.count == 12 else {
            throw IdentityError(kind: "mac", code: .length, received: text, expected: "12 hexadecimal digits")
        }
        let values = digits.compactMap(\.hexDigitValue)
        try self.init(octets: stride(from: 0, to: 12, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) })
    }

    /// Twelve upper-case hexadecimal digits: the form in which addresses are compared and stored.
    public var hex: String { octets.map(Self.hexPair).joined() }
    /// `AA:BB:CC:DD:EE:FF`, as printed on labels.
    public var colonForm: String { octets.map(Self.hexPair).joined(separator: ":") }
    /// The address as a 48-bit number, for block arithmetic.
    public var number: UInt64 { octets.reduce(0) { $0 << 8 | UInt64($1) } }

    public var description: String { colonForm }

    private static func hexPair(_ octet: UInt8) -> String {
        let digits = Array("0123456789ABCDEF")
        return String([digits[Int(octet >> 4)], digits[Int(octet & 15)]])
    }
}

/// The identity that tells one board from every other and becomes its DeviceName.
public enum Identity: Hashable, Sendable, CustomStringConvertible {
    case mac(MACAddress)
    case imei(IMEI)
    case sn(SerialNumber)
    case iccid(ICCID)

    /// Which identity a board profile reads.
    public enum Kind: String, Sendable, CaseIterable, Codable {
        case mac, imei, sn, iccid
    }

    public var kind: Kind {
        switch self {
        case .mac: .mac
        case .imei: .imei
        case .sn: .sn
        case .iccid: .iccid
        }
    }

    /// The form in which identities are compared, stored and printed: a MAC as 12 upper-case hexadecimal digits.
    public var value: String {
        switch self {
        case .mac(let address): address.hex
        case .imei(let imei): imei.digits
        case .sn(let number): number.text
        case .iccid(let number): number.digits
        }
    }

    public var description: String { value }

    /// Reads `value` back as an identity of `kind`.
    /// - Throws: ``IdentityError`` when a check refuses it.
    public init(kind: Kind, value: String, pattern: String? = nil) throws(IdentityError) {
        switch kind {
        case .mac: self = .mac(try MACAddress(value))
        case .imei: self = .imei(try IMEI(value))
        case .sn: self = .sn(try SerialNumber(value, pattern: pattern))
        case .iccid: self = .iccid(try ICCID(value))
        }
    }
}

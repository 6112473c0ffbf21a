/// How a board profile makes the DeviceName from the identity: literal text around one placeholder.
///
/// `{mac}`, `{imei}`, `{sn}` or `{iccid}`, each with optional filters: `{mac:lower}`, `{mac:upper}`, and for MAC addresses the
/// separators `{mac:colon}` and `{mac:dash}`, which combine: `lamp-{mac:lower:dash}`. A MAC without filters is twelve
/// upper-case hexadecimal digits.
public struct DeviceNameRule: Hashable, Sendable, CustomStringConvertible {
    /// The rule as written in the profile.
    public let template: String
    /// Which identity the placeholder takes.
    public let kind: Identity.Kind
    private let prefix: String
    private let suffix: String
    private let filters: Set<Filter>

    private enum Filter: String { case lower, upper, colon, dash }

    /// Why a rule cannot be used.
    public struct RuleError: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Reads a rule.
    /// - Throws: ``RuleError`` when there is not exactly one placeholder, or its kind or a filter is unknown.
    public init(_ template: String) throws(RuleError) {
        guard let open = template.firstIndex(of: "{"), let close = template.firstIndex(of: "}"), open < close,
            template[template.index(after: close)...].allSatisfy({ $0 != "{" && $0 != "}" })
        else { throw RuleError(description: "\"\(template)\": expected exactly one of {mac}, {imei}, {sn}, {iccid}") }
        let parts = template[template.index(after: open)..<close].split(
            separator: ":", omittingEmptySubsequences: false)
        guard let kind = Identity.Kind(rawValue: String(parts[0])) else {
            throw RuleError(
                description: "\"\(template)\": {\(parts[0])} is unknown; expected {mac}, {imei}, {sn} or {iccid}")
        }
        var filters: Set<Filter> = []
        for part in parts.dropFirst() {
            guard let filter = Filter(rawValue: String(part)), kind == .mac || filter == .lower || filter == .upper
            else {
                throw RuleError(
                    description: "\"\(template)\": filter \(part) is unknown here; expected lower or upper"
                        + (kind == .mac ? ", colon or dash" : ""))
            }
            filters.insert(filter)
        }
        self.template = template
        self.kind = kind
        self.filters = filters
        prefix = String(template[..<open])
        suffix = String(template[template.index(after: close)...])
    }

    /// Makes the name for `identity`, checked against the cloud's own rule.
    /// - Throws: ``IdentityError`` when the identity is of another kind or the result breaks the cloud's rule.
    public func name(for identity: Identity) throws(IdentityError) -> DeviceName {
        guard identity.kind == kind else {
            throw IdentityError(
                kind: "DeviceName", code: .pattern, received: identity.value,
                expected: "an identity of kind \(kind.rawValue), not \(identity.kind.rawValue)")
        }
        var value = identity.value
        if case .mac(let address) = identity {
            let pairs = address.colonForm
            if filters.contains(.colon) { value = pairs }
            if filters.contains(.dash) { value = String(pairs.map { $0 == ":" ? "-" : $0 }) }
        }
        if filters.contains(.lower) { value = value.lowercased() }
        if filters.contains(.upper) { value = value.uppercased() }
        return try DeviceName(prefix + value + suffix)
    }

    public var description: String { template }
}

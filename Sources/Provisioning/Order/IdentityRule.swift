/// Which identities an order takes.
///
/// ```
///   any                                every board of the profile
///   list                               those of a list that is stored with the order
///   range:6055F9000000..6055F90FFFFF   both ends included, of one length
///   oui:6055F9,A0B1C2                  MACs of those makers' blocks
///   tac:86012304                       IMEIs of those models
///   pattern:SN26[0-9]{6}               a regular expression (ICU) for the whole identity
/// ```
public enum IdentityRule: Hashable, Sendable {
    case any
    /// - sha256: over the identities, sorted by bytes, each with a line feed after it; 64 lower-case hexadecimal digits.
    case list(count: Int, sha256: String)
    case range(from: String, to: String)
    /// Six hexadecimal digits each.
    case oui([String])
    /// Eight digits each.
    case tac([String])
    case pattern(String)

    /// Why a text is no rule for a board profile's identities; its sentence says what was expected.
    public struct RuleError: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Reads a rule as it is written, lists apart, which have identities of their own.
    /// - Parameter kind: what the profile reads from its boards.
    public init(_ text: String, kind: Identity.Kind) throws(RuleError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let words = (parts.count == 2 ? parts[1] : "").split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.trimmed.uppercased() }
        switch (parts[0], parts.count) {
        case ("any", 1): self = .any
        case ("range", 2): self = try Self.range(parts[1], kind)
        case ("oui", 2):
            try Self.insist(kind == .mac, "oui is a rule for MACs, the profile reads \(kind.rawValue)")
            try Self.insist(
                words.allSatisfy { $0.wholeMatch(of: /[0-9A-F]{6}/) != nil },
                "expected oui: and 6 hexadecimal digits, several of them with commas between")
            self = .oui(words)
        case ("tac", 2):
            try Self.insist(kind == .imei, "tac is a rule for IMEIs, the profile reads \(kind.rawValue)")
            try Self.insist(
                words.allSatisfy { $0.wholeMatch(of: /[0-9]{8}/) != nil },
                "expected tac: and 8 digits, several of them with commas between")
            self = .tac(words)
        case ("pattern", 2):
            guard (try? Self.expression(parts[1])) != nil, !parts[1].isEmpty else {
                throw RuleError(description: "expected pattern: and a regular expression")
            }
            self = .pattern(parts[1])
        default:
            throw RuleError(description: "expected any, list:…, range:FROM..TO, oui:…, tac:… or pattern:…")
        }
    }

    private static func range(_ text: String, _ kind: Identity.Kind) throws(RuleError) -> IdentityRule {
        let expected =
            "expected range:FROM..TO, two identities of the profile's kind (\(kind.rawValue)), the later one last"
        guard let dots = text.firstRange(of: "..") else { throw RuleError(description: expected) }
        let (first, last) = (String(text[..<dots.lowerBound]), String(text[dots.upperBound...]))
        let from: String
        let to: String
        do {
            from = try Identity(kind: kind, value: first.trimmed).value
            to = try Identity(kind: kind, value: last.trimmed).value
        } catch { throw RuleError(description: "\(expected): \(error.description)") }
        try insist(from.utf8.count == to.utf8.count && !to.utf8.lexicographicallyPrecedes(from.utf8), expected)
        return .range(from: from, to: to)
    }

    private static func insist(_ condition: Bool, _ sentence: String) throws(RuleError) {
        guard condition else { throw RuleError(description: sentence) }
    }

    private static func expression(_ pattern: String) throws -> ConsolePattern {
        try ConsolePattern("^(?:\(pattern))$")
    }

    /// Whether the order takes an identity.
    /// - Parameter isListed: whether it stands in the order's list.
    public func allows(_ identity: Identity, isListed: Bool) -> Bool {
        let value = identity.value
        switch self {
        case .any: return true
        case .list: return isListed
        case .range(let from, let to):
            return value.utf8.count == from.utf8.count && !value.utf8.lexicographicallyPrecedes(from.utf8)
                && !to.utf8.lexicographicallyPrecedes(value.utf8)
        case .oui(let prefixes), .tac(let prefixes): return prefixes.contains { value.hasPrefix($0) }
        case .pattern(let pattern): return (try? Self.expression(pattern))?.matches(value) ?? false
        }
    }

    /// As journal and API keep it.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "kind": "any", "count": nil, "sha256": nil, "from": nil, "to": nil, "prefixes": nil, "pattern": nil,
        ]
        switch self {
        case .any: break
        case .list(let count, let sha256):
            (members["kind"], members["count"], members["sha256"]) = ("list", .init(count), .string(sha256))
        case .range(let from, let to):
            (members["kind"], members["from"], members["to"]) = ("range", .string(from), .string(to))
        case .oui(let prefixes):
            (members["kind"], members["prefixes"]) = ("oui", .array(prefixes.map(JSONValue.string)))
        case .tac(let prefixes):
            (members["kind"], members["prefixes"]) = ("tac", .array(prefixes.map(JSONValue.string)))
        case .pattern(let pattern): (members["kind"], members["pattern"]) = ("pattern", .string(pattern))
        }
        return .object(members)
    }

    /// Reads ``json`` back; nil for anything else.
    public init?(json: JSONValue) {
        let prefixes = (json["prefixes"].array ?? []).compactMap(\.string)
        switch json["kind"].string {
        case "any"?: self = .any
        case "list"?:
            guard let count = json["count"].int, let sha256 = json["sha256"].string else { return nil }
            self = .list(count: Int(count), sha256: sha256)
        case "range"?:
            guard let from = json["from"].string, let to = json["to"].string else { return nil }
            self = .range(from: from, to: to)
        case "oui"?: self = .oui(prefixes)
        case "tac"?: self = .tac(prefixes)
        case "pattern"?:
            guard let pattern = json["pattern"].string else { return nil }
            self = .pattern(pattern)
        default: return nil
        }
    }
}

extension IdentityRule: CustomStringConvertible {
    /// For people.
    public var description: String {
        switch self {
        case .any: "any"
        case .list(let count, let sha256): "list of \(count), SHA-256 \(sha256)"
        case .range(let from, let to): "range:\(from)..\(to)"
        case .oui(let prefixes): "oui:" + prefixes.joined(separator: ",")
        case .tac(let prefixes): "tac:" + prefixes.joined(separator: ",")
        case .pattern(let pattern): "pattern:" + pattern
        }
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
        let head = drop(while: \.isWhitespace)
        return String(String(head.reversed().drop(while: \.isWhitespace)).reversed())
    }
}

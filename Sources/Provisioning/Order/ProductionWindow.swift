/// The time within which an order's devices may become active; an activation outside it is alarmed.
///
/// Times are UTC, ISO 8601 to the second with `Z`, so that their texts sort as they do.
public struct ProductionWindow: Hashable, Sendable, CustomStringConvertible {
    public let from: String
    public let until: String

    /// Reads `FROM/UNTIL`, each `YYYY-MM-DDThh:mm:ssZ`; nil for anything else and where UNTIL is not after FROM.
    public init?(_ text: String) {
        let parts = text.split(separator: "/").map(String.init)
        guard parts.count == 2, parts.allSatisfy(Self.isInstant), parts[0] < parts[1] else { return nil }
        (from, until) = (parts[0], parts[1])
    }

    public var description: String { "\(from)/\(until)" }

    /// Whether a time lies within, its fraction of a second left out; a text of another form does not.
    public func contains(_ instant: String) -> Bool {
        let seconds = instant.hasSuffix("Z") ? String(instant.prefix(19)) + "Z" : instant
        return Self.isInstant(seconds) && from <= seconds && seconds < until
    }

    private static func isInstant(_ text: String) -> Bool {
        text.utf8.count == "YYYY-MM-DDThh:mm:ssZ".utf8.count && UTCTime.milliseconds(text) != nil
    }
}

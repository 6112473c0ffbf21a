/// What a leader asks for: the end of a batch.
public struct BatchEnd: Codable, Hashable, Sendable {
    public let order: String
    public let reason: String
    /// Who signs beside the one who asks; nil = the batch is to be closed, which needs no open row.
    public let second: String?
    /// Why rows of a class may stay open, by class; for a batch that is terminated. Empty = `reason` is said of all.
    public let exceptions: [String: String]
    /// The text of a packing list; nil = there is none.
    public let packed: String?

    public init(
        order: String, reason: String, second: String? = nil, exceptions: [String: String] = [:], packed: String? = nil
    ) {
        (self.order, self.reason, self.second) = (order, reason, second)
        (self.exceptions, self.packed) = (exceptions, packed)
    }
}

public import Provisioning

/// Where a batch stands, small enough for one journal record: with the list of names it rebuilds the batch after a
/// crash. Holds the list's digest, so that a batch is never resumed with another list.
public struct BatchCheckpoint: Sendable, Equatable, Codable {
    /// A name the cloud has refused so far.
    public struct Refusal: Sendable, Equatable, Codable {
        public let name: String
        /// Nil = repeated.
        public let reason: String?
    }

    public let productKey: String
    public let phase: BatchRegistration.Phase
    public let applyID: Int64?
    public let nameCount: Int
    /// Lower-case hex SHA-256 of the names, each followed by a line feed.
    public let namesDigest: String
    public let refused: [Refusal]

    /// For a journal record; every key always there.
    public var json: JSONValue {
        [
            "product_key": .string(productKey), "phase": .string(phase.rawValue), "apply_id": JSONValue(applyID),
            "name_count": JSONValue(nameCount), "names_digest": .string(namesDigest),
            "refused": .array(refused.map { ["name": .string($0.name), "reason": JSONValue($0.reason)] }),
        ]
    }

    /// Reads ``json``; nil for anything else.
    public init?(json: JSONValue) {
        guard let productKey = json["product_key"].string, let phase = json["phase"].string,
            let phase = BatchRegistration.Phase(rawValue: phase), let count = json["name_count"].int,
            let namesDigest = json["names_digest"].string, let refused = json["refused"].array
        else { return nil }
        let refusals = refused.compactMap { item in
            item["name"].string.map { Refusal(name: $0, reason: item["reason"].string) }
        }
        guard refusals.count == refused.count else { return nil }
        self.init(
            productKey: productKey, phase: phase, applyID: json["apply_id"].int, nameCount: Int(count),
            namesDigest: namesDigest, refused: refusals)
    }

    init(
        productKey: String, phase: BatchRegistration.Phase, applyID: Int64?, nameCount: Int, namesDigest: String,
        refused: [Refusal]
    ) {
        self.productKey = productKey
        self.phase = phase
        self.applyID = applyID
        self.nameCount = nameCount
        self.namesDigest = namesDigest
        self.refused = refused
    }
}

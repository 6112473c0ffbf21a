/// What devices put into the MQTT client identifier: `id|key=value,key=value|` ("MQTT-TLS connection", clientId).
///
/// The order of the keys is free, empty items are allowed (the C SDK can send `ext=3,|`), unknown keys are kept. The id
/// is chosen by the device: product key and device name come from the user name, never from it.
public struct ClientIDParameters: Sendable, Equatable {
    /// The part in front of the first `|`; it is what ``DeviceSignature`` signs.
    public let id: String
    /// The pairs in the order written; of a repeated key the first counts.
    public let pairs: [Pair]

    public struct Pair: Sendable, Equatable {
        public let key: String
        public let value: String

        public init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    public init(id: String, pairs: [Pair]) {
        self.id = id
        self.pairs = pairs
    }

    /// Reads a client identifier; nil if it does not have the form: an id, a bar, pairs with `=`, and at most one bar
    /// more, at the end.
    public static func parse(_ text: String) -> ClientIDParameters? {
        let parts = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        let list = parts[1].hasSuffix("|") ? parts[1].dropLast() : parts[1]
        guard !list.contains("|") else { return nil }
        var pairs: [Pair] = []
        for item in list.split(separator: ",") {
            let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, !sides[0].isEmpty else { return nil }
            pairs.append(Pair(String(sides[0]), String(sides[1])))
        }
        return ClientIDParameters(id: String(parts[0]), pairs: pairs)
    }

    /// The value of `key`, spelled exactly so.
    public subscript(key: String) -> String? { pairs.first { $0.key == key }?.value }

    /// The client identifier as it goes on the wire.
    public var text: String { "\(id)|\(pairs.map { "\($0.key)=\($0.value)" }.joined(separator: ","))|" }
}

/// A key by its text, for the platform's lists, which stand in a wrapper of one member whose name follows no rule.
struct WireKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer where Key == WireKey {
    func text(_ name: String) -> String? { text(WireKey(name)) }
    func value<Value: Decodable>(_ name: String) -> Value? { optional(WireKey(name)) }

    /// A number that look-alikes also write as a text.
    func number(_ name: String) -> Int64? {
        if let number: Int64 = value(name) { return number }
        return text(name).flatMap { Int64($0) }
    }

    /// How many of something there are; 0 where the field is missing.
    ///
    /// - Throws: `DecodingError` for a number that counts nothing: sums are made of these.
    func count(_ name: String) throws -> Int {
        let number = number(name) ?? 0
        guard (0...1_000_000_000_000).contains(number) else {
            throw DecodingError.dataCorruptedError(
                forKey: WireKey(name), in: self, debugDescription: "\(number) is no count")
        }
        return Int(number)
    }

    /// The elements of `{name: {inner: […]}}`, or of a plain `{name: […]}`; none if the field is missing.
    ///
    /// - Throws: `DecodingError` if there is a list with an element that cannot be read: nothing is left out silently.
    func elements<Element: Decodable>(_ name: String, in inner: String) throws -> [Element] {
        let key = WireKey(name)
        guard contains(key), try !decodeNil(forKey: key) else { return [] }
        guard let wrapper = try? nestedContainer(keyedBy: WireKey.self, forKey: key) else {
            return try decode([Element].self, forKey: key)
        }
        return try wrapper.decodeIfPresent([Element].self, forKey: WireKey(inner)) ?? []
    }
}

/// An answer of which nothing but the envelope is read.
struct EnvelopeOnly: Decodable, Sendable {
    init(from decoder: any Decoder) throws {}
}

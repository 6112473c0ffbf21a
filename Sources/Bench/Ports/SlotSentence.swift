/// One sentence for the person at the fixture, in both languages of the station.
public struct SlotSentence: Hashable, Sendable, CustomStringConvertible {
    public let zh: String
    public let en: String

    public init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }

    public var description: String { "\(zh) / \(en)" }
}

/// One sentence in both languages of the page.
public struct Bilingual: Hashable, Sendable {
    public let zh: String
    public let en: String

    public init(zh: String, en: String) { (self.zh, self.en) = (zh, en) }
}

/// How something answers that the station calls: the MES, the andon, the label printer.
public struct CallHealth: Hashable, Sendable {
    public enum Level: String, Sendable, CaseIterable {
        case ok, warn, bad
        /// It has not been called yet.
        case unknown
    }

    public let level: Level
    /// A short sentence for the operator.
    public let zh: String
    public let en: String

    public init(_ level: Level, zh: String, en: String) { (self.level, self.zh, self.en) = (level, zh, en) }
}

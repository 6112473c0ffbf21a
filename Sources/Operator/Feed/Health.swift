import Provisioning

/// How one thing that the line depends on is, told before a board is scanned.
public struct Health: Hashable, Sendable {
    public enum Key: String, Sendable, CaseIterable {
        case cloud, `switch`, accessPoint = "access-point", fixture, disk, clock, plant, mes, andon, labels
    }

    public enum Level: String, Sendable, CaseIterable {
        case ok, warn, bad
        /// It has not been asked yet.
        case unknown
        /// The station does without it.
        case off
    }

    public let key: Key
    public let level: Level
    public let words: Bilingual

    public init(_ key: Key, _ level: Level, zh: String, en: String) {
        (self.key, self.level, words) = (key, level, Bilingual(zh: zh, en: en))
    }

    var json: JSONValue {
        [
            "key": .string(key.rawValue), "level": .string(level.rawValue), "zh": .string(words.zh),
            "en": .string(words.en),
        ]
    }
}

/// How one thing that the line depends on is, told before a board is placed.
public struct LineCondition: Hashable, Sendable {
    public enum Subject: String, Sendable, CaseIterable {
        case cloud
        /// The product's dynamic-registration switch, by the probe name.
        case registrationSwitch = "switch"
        case accessPoint = "access-point"
        case fixture, disk, clock
    }

    public enum Level: String, Sendable, CaseIterable {
        case ok
        /// Work goes on, not for long.
        case warn
        /// Boards would be held or fail.
        case bad
        /// It was not asked yet, or cannot be asked.
        case unknown
        /// The line does without it.
        case off
    }

    public let subject: Subject
    public let level: Level
    public let zh: String
    public let en: String

    init(_ subject: Subject, _ level: Level, zh: String, en: String) {
        (self.subject, self.level, self.zh, self.en) = (subject, level, zh, en)
    }
}

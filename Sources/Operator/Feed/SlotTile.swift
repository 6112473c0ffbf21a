import Execution
import Foundation
import Journal
import Provisioning

/// One slot as the page shows it.
struct SlotTile: Sendable {
    let profile: String
    var status: SlotStatus
    /// The order its profile works for.
    var order: String?
    /// When the word last changed.
    var since: Date

    /// Takes what the line says now.
    /// - Returns: whether nothing but the progress is new.
    mutating func take(_ new: SlotStatus, at now: Date) -> Bool {
        defer { status = new }
        if new.word != status.word { since = now }
        return new.word == status.word && new.step == status.step && new.run == status.run
            && new.identity == status.identity && new.deviceName == status.deviceName && new.failure == status.failure
            && new.message == status.message && new.messageZh == status.messageZh
    }

    var json: JSONValue {
        let entry = status.failure?.code.entry
        func words(_ wording: FailureEntry.Wording?) -> JSONValue {
            guard let wording else { return .null }
            return [
                "happened": .string(wording.happened), "action": .string(wording.action), "help": .string(wording.help),
            ]
        }
        return [
            "slot": .string(status.slot), "word": .string(status.word.rawValue), "run": .init(status.run),
            "step": .init(status.step?.rawValue), "done": .init(status.progress?.done),
            "total": .init(status.progress?.total), "identity": .init(status.identity),
            "device_name": .init(status.deviceName), "code": .init(status.failure?.code.text), "zh": words(entry?.zh),
            "en": words(entry?.en), "message_zh": .string(message.zh), "message_en": .string(message.en),
            "order": .init(status.order ?? order), "profile": .string(profile), "seconds_left": .init(secondsLeft),
            "since": .string(Timestamp.text(since)),
        ]
    }

    /// One sentence beside the word.
    var message: Bilingual {
        guard let entry = status.failure?.code.entry else {
            return Bilingual(zh: status.messageZh.isEmpty ? status.message : status.messageZh, en: status.message)
        }
        return Bilingual(zh: "\(entry.zh.happened)。\(entry.zh.action)。", en: status.message)
    }

    /// Whole seconds until the step is to be over, at least 0; nil where it has no time of its own.
    private var secondsLeft: Int? {
        status.until.map { max(0, Int((ContinuousClock.now.duration(to: $0) / .seconds(1)).rounded(.up))) }
    }
}

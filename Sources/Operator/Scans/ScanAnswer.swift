import Foundation
import Provisioning

/// What a scan is answered with: one sentence in both languages, perhaps a question.
struct ScanAnswer: Hashable, Sendable {
    enum Kind: String, Sendable, CaseIterable { case badge, order, slot, command, label, unknown }

    /// `wrong` has advanced nothing, and the question that stood stands yet.
    enum Result: String, Sendable, CaseIterable { case ok, ask, wrong }

    /// What the station wants to know next.
    struct Ask: Hashable, Sendable {
        enum Kind: String, Sendable, CaseIterable { case pin, confirm, second, reason, note, label }

        let id: String
        let kind: Kind
        let words: Bilingual
    }

    let kind: Kind
    let result: Result
    let words: Bilingual
    var ask: Ask?
    /// The DeviceName of the unit it is about.
    var unit: String?
    var slot: String?

    init(
        _ kind: Kind, _ result: Result, zh: String, en: String, ask: Ask? = nil, unit: String? = nil,
        slot: String? = nil
    ) {
        (self.kind, self.result, words) = (kind, result, Bilingual(zh: zh, en: en))
        (self.ask, self.unit, self.slot) = (ask, unit, slot)
    }

    var json: JSONValue {
        let open = unit.flatMap { $0.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) }
        return [
            "kind": .string(kind.rawValue), "result": .string(result.rawValue), "zh": .string(words.zh),
            "en": .string(words.en), "speak": result == .ok ? "ok" : nil,
            "ask": ask.map {
                [
                    "id": .string($0.id), "kind": .string($0.kind.rawValue), "zh": .string($0.words.zh),
                    "en": .string($0.words.en),
                ]
            } ?? .null, "unit": .init(unit), "slot": .init(slot), "open": .init(open.map { "/unit/\($0)" }),
        ]
    }
}

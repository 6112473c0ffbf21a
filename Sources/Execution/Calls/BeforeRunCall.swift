import CutPoint
import Foundation
public import Provisioning

/// Asks the MES whether a board may run, once its identity is known and before anything is bound to it.
///
/// The answer is JSON with status 200: `{"answer":"allow"}`, or `{"answer":"refuse","as":"hold"|"fail","text":"…"}`. Anything
/// else, and no answer within the time, is silence; trouble on the way is tried again within that time.
public struct BeforeRunCall: Sendable {
    /// What the MES is told of a run that is about to be.
    public struct Question: Sendable {
        public let run: Int64
        public let slot: String
        public let order: WorkOrder
        public let identity: Identity
        public let deviceName: DeviceName
        /// Told apart from every other question, also of a station restored from a backup.
        let mark = String(UInt64.random(in: 0...UInt64.max), radix: 16)

        public init(run: Int64, slot: String, order: WorkOrder, identity: Identity, deviceName: DeviceName) {
            (self.run, self.slot, self.order) = (run, slot, order)
            (self.identity, self.deviceName) = (identity, deviceName)
        }
    }

    /// Whether the board may run.
    public enum Verdict: Hashable, Sendable {
        case allowed
        /// The MES did not answer, and the station is told to go on without it.
        case unanswered(String)
        case refused(Failure)
    }

    private struct Said: Decodable {
        let answer: String
        let `as`: String?
        let text: String?
    }

    /// Longest text of the MES that is shown and recorded, in characters.
    static let longestText = 200

    private let station: String
    private let url: String
    private let settings: MESSettings
    private let client: CallClient
    private let health: MESHealth

    init(station: String, url: String, settings: MESSettings, client: CallClient, health: MESHealth) {
        (self.station, self.url, self.settings, self.client, self.health) = (station, url, settings, client, health)
    }

    /// Asks.
    /// - Throws: `CancellationError` alone.
    public func ask(_ question: Question) async throws -> Verdict {
        let deadline = ContinuousClock.now + settings.limit
        var pause = CallPause(from: .milliseconds(200), to: .seconds(2))
        var last: CallTrouble?
        while true {
            do {
                let verdict = try await attempt(question, within: deadline - .now)
                health.answered()
                return verdict
            } catch let trouble as CallTrouble {
                // That the rest of the time was too short says less than what came before.
                let known = trouble.isLate ? last ?? trouble : trouble
                last = known
                let wait = pause.grow()
                guard ContinuousClock.now + wait < deadline else { return silence(known) }
                try await Task.sleep(for: wait)
            }
        }
    }

    private func attempt(_ question: Question, within limit: Duration) async throws -> Verdict {
        guard let key = try? settings.key() else { throw CallTrouble(MESSettings.advice, mayHaveArrived: false) }
        // Run numbers come again where a backup was restored; the answer for one board must not serve another.
        let id = "\(station)-before-\(question.run)-\(question.mark)"
        let body = Array(json(question, id: id).text.utf8)
        CutPoint.reach("mes.ask.before")
        let answer = try await client.post(
            url, body, headers: CallSignature(id: id, body: body, key: key).headers,
            within: max(limit, .milliseconds(1)))
        CutPoint.reach("mes.ask.after")
        let peer = CallClient.peer(of: url)
        guard answer.status == 200 else {
            throw CallTrouble("\(peer) answered with status \(answer.status), expected 200")
        }
        guard let said = try? JSONDecoder().decode(Said.self, from: Data(answer.body)) else {
            throw CallTrouble("\(peer) answered something else than {\"answer\": \"allow\" or \"refuse\"}")
        }
        let text = Self.shown(said.text ?? "")
        switch (said.answer, said.as ?? "hold") {
        case ("allow", _): return .allowed
        case ("refuse", "hold"): return .refused(Failure(.mesHeld, text.isEmpty ? "the MES holds the board" : text))
        case ("refuse", "fail"):
            return .refused(Failure(.mesRefused, text.isEmpty ? "the MES refuses the board" : text))
        default:
            throw CallTrouble(
                "\(peer) answered \"\(Self.shown(said.answer))\" as \"\(Self.shown(said.as ?? ""))\", expected allow, or "
                    + "refuse as hold or fail")
        }
    }

    private func silence(_ trouble: CallTrouble) -> Verdict {
        health.failed(trouble)
        let sentence = "no answer within \(settings.limit.sentence): \(trouble)"
        return settings.onSilence == .go ? .unanswered(sentence) : .refused(Failure(.mesSilent, sentence))
    }

    private func json(_ question: Question, id: String) -> JSONValue {
        [
            "id": .string(id), "event": "run.before", "station": .string(station), "slot": .string(question.slot),
            "run": .int(question.run), "order": .string(question.order.id),
            "product_key": .string(question.order.productKey), "profile": .string(question.order.profile),
            "release": .string(question.order.release), "identity_kind": .string(question.identity.kind.rawValue),
            "identity": .string(question.identity.value), "device_name": .string(question.deviceName.text),
        ]
    }

    /// A text of somebody else's as it may stand on the screen: one line, not too long.
    private static func shown(_ text: String) -> String {
        let line = text.unicodeScalars.map { scalar in
            [.control, .lineSeparator, .paragraphSeparator, .format].contains(scalar.properties.generalCategory)
                ? " " : String(scalar)
        }.joined()
        return String(line.prefix(longestText))
    }
}

extension BeforeRunCall.Verdict {
    /// As the journal keeps it.
    var json: JSONValue {
        switch self {
        case .allowed: ["answer": "allow", "code": nil, "text": nil]
        case .unanswered(let sentence): ["answer": "none-go", "code": nil, "text": .string(sentence)]
        case .refused(let failure):
            [
                "answer": failure.code == .mesSilent ? "none-hold" : "refuse", "code": .string(failure.code.text),
                "text": .string(failure.detail),
            ]
        }
    }
}

import Execution
import HTTPTypes
import Logging
import Provisioning

/// Takes the scans of everybody who is signed in: one at a time for each session, in order, each id once.
actor ScanDesk {
    /// Answers kept for scans that are sent again.
    static let answersKept = 256
    /// Sessions whose dialogues are kept.
    static let capacity = 256

    private struct Talk {
        var dialogue = Dialogue()
        var answers: [String: JSONValue] = [:]
        var ids: [String] = []
        var isBusy = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var last: ContinuousClock.Instant
    }

    private let lookup: ScanLookup
    private let clock: OperatorClock
    private var talks: [String: Talk] = [:]

    init(lookup: ScanLookup, clock: OperatorClock) { (self.lookup, self.clock) = (lookup, clock) }

    /// Takes a scan.
    /// - Parameter id: made by who scanned; the same one again is answered the same and does nothing.
    /// - Returns: the answer as the API shows it.
    func scan(_ id: String, _ text: String, by person: Person, _ session: Sessions.Session, _ desk: Desk) async throws
        -> JSONValue
    {
        await enter(session.id)
        defer { leave(session.id) }
        if let known = talks[session.id]?.answers[id] { return known }
        let finding = try await lookup.find(text)
        let reply = talks[session.id]?.dialogue.scan(
            finding, id: RandomText.token(), may: person.may, at: clock.steady())
        guard let reply else { throw Problem.signIn }
        let answer = await finish(reply, person, session, desk).json
        remember(id, answer, session.id)
        if case .badge = finding { return answer }
        await desk.feed.scanned(id, answer)
        return answer
    }

    /// Takes the reason or the second person that a question asks for.
    func answer(
        _ question: String, reason: String?, second: Person?, by person: Person, _ session: Sessions.Session,
        _ desk: Desk
    ) async throws -> JSONValue {
        await enter(session.id)
        defer { leave(session.id) }
        let reply = talks[session.id]?.dialogue.answer(
            question, reason: reason, second: second?.actor, next: RandomText.token(), at: clock.steady())
        guard let reply else { throw Problem.signIn }
        return await finish(reply, person, session, desk).json
    }

    /// The session is over.
    func forget(_ session: String) {
        guard talks[session]?.isBusy == false else { return }
        talks[session] = nil
    }

    /// Does what a reply asks for; what it came to is the answer.
    private func finish(
        _ reply: Dialogue.Reply, _ person: Person, _ session: Sessions.Session, _ desk: Desk
    ) async -> ScanAnswer {
        guard let action = reply.action else { return reply.answer }
        do {
            guard person.may(action.permission) else { throw Problem.missing(action.permission) }
            guard let words = try await desk.carryOut(action, actor: person.actor, session: session) else {
                return reply.answer
            }
            return reply.answer.saying(words)
        } catch {
            let problem = Problem(error)
            if problem.status == .internalServerError { desk.logger.error("a scan's action failed: \(error)") }
            return reply.answer.refused(problem)
        }
    }

    // MARK: - One at a time

    private func enter(_ session: String) async {
        if talks[session] == nil {
            if talks.count >= Self.capacity,
                let oldest = talks.filter({ !$0.value.isBusy }).min(by: { $0.value.last < $1.value.last })
            {
                talks[oldest.key] = nil
            }
            talks[session] = Talk(last: clock.steady())
        }
        talks[session]?.last = clock.steady()
        guard talks[session]?.isBusy == true else {
            talks[session]?.isBusy = true
            return
        }
        await withCheckedContinuation { talks[session]?.waiting.append($0) }
    }

    /// Hands the turn to the scan that has waited longest.
    private func leave(_ session: String) {
        guard var talk = talks[session] else { return }
        if talk.waiting.isEmpty { talk.isBusy = false } else { talk.waiting.removeFirst().resume() }
        talks[session] = talk
    }

    private func remember(_ id: String, _ answer: JSONValue, _ session: String) {
        guard var talk = talks[session] else { return }
        talk.answers[id] = answer
        talk.ids.append(id)
        if talk.ids.count > Self.answersKept { talk.answers[talk.ids.removeFirst()] = nil }
        talks[session] = talk
    }
}

extension ScanAnswer {
    /// The same answer with what the action came to.
    fileprivate func saying(_ words: Bilingual) -> ScanAnswer {
        ScanAnswer(kind, result, zh: words.zh, en: words.en, ask: ask, unit: unit, slot: slot)
    }

    /// What it is where the action was refused.
    fileprivate func refused(_ problem: Problem) -> ScanAnswer {
        let code = problem.code.map { "\($0) " } ?? ""
        return ScanAnswer(
            kind, .wrong, zh: code + problem.detail.zh, en: code + problem.detail.en, unit: unit, slot: slot)
    }
}

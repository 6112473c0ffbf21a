import Execution
import Provisioning

/// What one signed-in person and the station have to say to each other by scans: at most one question stands at a time.
///
/// ```
///   scan ─► what it is ─┬─► an answer
///                       ├─► an action, done at once          (a slot blinks, a label goes to its slot)
///                       └─► a question ─► OK card, reason, second person ─► the action
/// ```
/// Pure: what is known of a scan comes in, an answer and an action go out. A scan that does not fit is answered `wrong` and
/// changes nothing; a question stands until it is answered, dropped by CANCEL, or a minute old.
struct Dialogue: Sendable {
    /// How long a question stands, and how long the last board or slot is what a command card is about.
    static let patience = Duration.seconds(60)

    /// An answer, and what is to be done.
    struct Reply: Sendable {
        let answer: ScanAnswer
        let action: ScanAction?

        init(_ answer: ScanAnswer, _ action: ScanAction? = nil) { (self.answer, self.action) = (answer, action) }
    }

    /// What an answered question leads to.
    enum Proposal: Hashable, Sendable {
        case action(ScanAction)
        case nameCause(order: String)
        case release(unit: String, needsSecond: Bool)
        case releaseByTwo(unit: String, reason: String)
        case reprint(unit: String)
        case endShift(id: String)
        /// Work on a board; a reason is asked for, the OK card alone is one.
        case work(unit: String, UnitRequest)
        /// The label of the board that takes this one's place is waited for.
        case replace(unit: String)
    }

    struct Question: Sendable {
        let ask: ScanAnswer.Ask
        let proposal: Proposal
        let since: ContinuousClock.Instant
    }

    /// What command cards are about.
    struct Subject: Sendable {
        var unit: String?
        var slot: String?
        let since: ContinuousClock.Instant
    }

    var question: Question?
    var subject: Subject?

    /// The question that stands; nil where none does.
    func standing(at now: ContinuousClock.Instant) -> ScanAnswer.Ask? { current(now)?.ask }

    func current(_ now: ContinuousClock.Instant) -> Question? {
        question.flatMap { $0.since.duration(to: now) <= Self.patience ? $0 : nil }
    }

    func about(_ now: ContinuousClock.Instant) -> Subject? {
        subject.flatMap { $0.since.duration(to: now) <= Self.patience ? $0 : nil }
    }

    // MARK: - Scans

    /// Takes a scan.
    /// - Parameters:
    ///   - id: what a question is named that this scan may lead to.
    ///   - may: what the person may do.
    mutating func scan(
        _ finding: Finding, id: String, may: (Permission) -> Bool, at now: ContinuousClock.Instant
    ) -> Reply {
        switch finding {
        case .badge: return Reply(Self.askPIN(id))
        case .command(let command): return take(command, id: id, may, now)
        case .shiftEnd(let shift?): return takeEnd(of: shift, id: id, now)
        case .shiftEnd: return take(.endShift, id: id, may, now)
        // What a slot waits for goes there whatever question stands.
        case .label(.awaited(let text)):
            return Reply(
                ScanAnswer(.label, .ok, zh: "标签已收到", en: "Label taken", slot: about(now)?.slot),
                .label(slot: about(now)?.slot, text: text))
        default: break
        }
        if case .label(let label) = finding, case .replace(let unit)? = current(now)?.proposal {
            return take(label, inPlaceOf: unit, id: id, now)
        }
        if let standing = current(now) { return Reply(Self.first(standing.ask, finding)) }
        switch finding {
        case .order(let id, nil):
            return Reply(ScanAnswer(.order, .wrong, zh: "没有工单 \(id)", en: "There is no order \(id)"))
        case .order(_, let found?): return take(found, id: id, may, now)
        case .slot(let name, nil):
            return Reply(ScanAnswer(.slot, .wrong, zh: "没有工位 \(name)", en: "There is no slot \(name)"))
        case .slot(let name, let found?): return take(found, slot: name, now)
        case .label(let label): return take(label, id: id, may, now)
        case .badge, .command, .shiftEnd: return Reply(Self.unreadable)
        }
    }

    /// The answer to a badge: its PIN is wanted, whoever scans it.
    static func askPIN(_ id: String) -> ScanAnswer {
        ScanAnswer(
            .badge, .ask, zh: "输入 PIN", en: "Enter the PIN",
            ask: .init(id: id, kind: .pin, words: Bilingual(zh: "输入 PIN", en: "Enter the PIN")))
    }

    static let unreadable = ScanAnswer(
        .unknown, .wrong, zh: "看不懂这个条码：不是卡片，也不是板子的标签",
        en: "This code is neither a card nor a board's label")

    private static func first(_ ask: ScanAnswer.Ask, _ finding: Finding) -> ScanAnswer {
        let kind: ScanAnswer.Kind =
            switch finding {
            case .order: .order
            case .slot: .slot
            case .label: .label
            case .shiftEnd: .command
            case .badge, .command: .unknown
            }
        return ScanAnswer(
            kind, .wrong, zh: "先回答：\(ask.words.zh)（扫 OK 或 CANCEL）", en: "First: \(ask.words.en) (scan OK or CANCEL)",
            ask: ask)
    }

    // MARK: - Command cards

    private mutating func take(
        _ command: CardText.Command, id: String, _ may: (Permission) -> Bool, _ now: ContinuousClock.Instant
    ) -> Reply {
        let standing = current(now)
        switch command {
        case .ok:
            guard let standing else {
                return wrong("没有要确认的事", "There is nothing to confirm")
            }
            if case .endShift(let shift) = standing.proposal {
                question = nil
                return Reply(ScanAnswer(.command, .ok, zh: "好", en: "Done"), .endShift(id: shift, note: nil))
            }
            if case .work(let unit, let request) = standing.proposal {
                question = nil
                return Reply(
                    ScanAnswer(.command, .ok, zh: "好", en: "Done"),
                    .unit(name: unit, request, reason: "ordered by card", second: nil))
            }
            guard standing.ask.kind == .confirm, case .action(let action) = standing.proposal else {
                return Reply(
                    ScanAnswer(
                        .command, .wrong, zh: "OK 不够：\(standing.ask.words.zh)",
                        en: "OK is not enough: \(standing.ask.words.en)", ask: standing.ask))
            }
            question = nil
            return Reply(ScanAnswer(.command, .ok, zh: "好", en: "Done"), action)
        case .cancel:
            (question, subject) = (nil, nil)
            return Reply(
                standing == nil
                    ? ScanAnswer(.command, .ok, zh: "没有要取消的事", en: "There is nothing to cancel")
                    : ScanAnswer(.command, .ok, zh: "已取消", en: "Cancelled"))
        // Help is never a question's business.
        case .call:
            let subject = about(now)
            return Reply(
                ScanAnswer(
                    .command, .ok, zh: "已呼叫，请等待", en: "Called: help is on the way", unit: subject?.unit,
                    slot: subject?.slot), .call(unit: subject?.unit, slot: subject?.slot))
        case .endShift, .redBin, .reprint, .reflash, .reset, .replace, .scrap:
            if let standing {
                return Reply(
                    ScanAnswer(
                        .command, .wrong, zh: "先回答：\(standing.ask.words.zh)（扫 OK 或 CANCEL）",
                        en: "First: \(standing.ask.words.en) (scan OK or CANCEL)", ask: standing.ask))
            }
            return begin(command, id: id, may, now)
        }
    }

    /// The end of the shift, for the whole line: the OK card ends it without a note.
    private mutating func takeEnd(of shift: String, id: String, _ now: ContinuousClock.Instant) -> Reply {
        if let standing = current(now) { return Reply(Self.first(standing.ask, .shiftEnd(id: shift))) }
        return ask(
            .command, id, .note, .endShift(id: shift),
            zh: "结束班次 \(shift)？不放新板，运行中的板会做完。写交接说明，或直接扫 OK",
            en: "End shift \(shift)? No new board starts, running ones are finished. Write a note, or scan OK", now)
    }

    private mutating func begin(
        _ command: CardText.Command, id: String, _ may: (Permission) -> Bool, _ now: ContinuousClock.Instant
    ) -> Reply {
        if command == .endShift {
            return ask(
                .command, id, .confirm, .action(.signOff), zh: "下班？扫 OK 退出登录",
                en: "End of your shift? Scan OK to sign off", now)
        }
        guard let unit = about(now)?.unit else {
            return wrong("先扫板子的标签或工位卡", "Scan the board's label or its slot's card first")
        }
        if let work = begin(work: command, on: unit, id: id, may, now) { return work }
        if command == .redBin {
            return ask(
                .command, id, .confirm, .action(.hold(unit: unit, reason: "put into the red bin, by card")),
                zh: "把 \(unit) 放入红箱？扫 OK", en: "\(unit) into the red bin? Scan OK", unit: unit, now)
        }
        return ask(
            .command, id, .reason, .reprint(unit: unit), zh: "为什么重打 \(unit) 的标签？",
            en: "Why is the label of \(unit) printed again?", unit: unit, now)
    }

    func wrong(_ zh: String, _ en: String) -> Reply { Reply(ScanAnswer(.command, .wrong, zh: zh, en: en)) }

    // MARK: - Questions

    /// Asks, and lets the question stand.
    mutating func ask(
        _ kind: ScanAnswer.Kind, _ id: String, _ askKind: ScanAnswer.Ask.Kind, _ proposal: Proposal, zh: String,
        en: String, unit: String? = nil, _ now: ContinuousClock.Instant
    ) -> Reply {
        let ask = ScanAnswer.Ask(id: id, kind: askKind, words: Bilingual(zh: zh, en: en))
        question = Question(ask: ask, proposal: proposal, since: now)
        return Reply(ScanAnswer(kind, .ask, zh: zh, en: en, ask: ask, unit: unit))
    }

    /// Takes the reason, or the second person, that a question asks for.
    /// - Parameters:
    ///   - next: what a further question is named.
    ///   - second: who signs, as the journal names them; proved already, and another person.
    mutating func answer(
        _ id: String, reason: String?, second: String?, next: String, at now: ContinuousClock.Instant
    ) -> Reply {
        guard let standing = current(now), standing.ask.id == id else {
            return wrong("这个问题已过期，请重新扫描", "This question is over: scan again")
        }
        func done(_ action: ScanAction) -> Reply {
            Reply(ScanAnswer(.command, .ok, zh: "好", en: "Done"), action)
        }
        func again() -> Reply {
            Reply(ScanAnswer(.command, .wrong, zh: standing.ask.words.zh, en: standing.ask.words.en, ask: standing.ask))
        }
        switch standing.proposal {
        case .action: return again()
        case .nameCause(let order):
            guard let reason else { return again() }
            question = nil
            return done(.nameCause(order: order, reason: reason))
        case .endShift(let shift):
            question = nil
            return done(.endShift(id: shift, note: reason))
        case .work(let unit, let request):
            guard let reason else { return again() }
            question = nil
            return done(.unit(name: unit, request, reason: reason, second: nil))
        case .replace: return again()
        case .reprint(let unit):
            guard let reason else { return again() }
            question = nil
            return done(.reprint(unit: unit, reason: reason))
        case .release(let unit, let needsSecond):
            guard let reason else { return again() }
            guard needsSecond else {
                question = nil
                return done(.release(unit: unit, reason: reason, second: nil))
            }
            return ask(
                .command, next, .second, .releaseByTwo(unit: unit, reason: reason),
                zh: "需要第二个人签字：扫他的工牌", en: "A second person signs: scan that person's badge", unit: unit, now)
        case .releaseByTwo(let unit, let reason):
            guard let second else { return again() }
            question = nil
            return done(.release(unit: unit, reason: reason, second: second))
        }
    }
}

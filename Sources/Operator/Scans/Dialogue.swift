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
    }

    private struct Question: Sendable {
        let ask: ScanAnswer.Ask
        let proposal: Proposal
        let since: ContinuousClock.Instant
    }

    private struct Subject: Sendable {
        var unit: String?
        var slot: String?
        let since: ContinuousClock.Instant
    }

    private var question: Question?
    private var subject: Subject?

    /// The question that stands; nil where none does.
    func standing(at now: ContinuousClock.Instant) -> ScanAnswer.Ask? { current(now)?.ask }

    private func current(_ now: ContinuousClock.Instant) -> Question? {
        question.flatMap { $0.since.duration(to: now) <= Self.patience ? $0 : nil }
    }

    private func about(_ now: ContinuousClock.Instant) -> Subject? {
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
        case .command(let command): return take(command, id: id, now)
        // What a slot waits for goes there whatever question stands.
        case .label(.awaited(let text)):
            return Reply(
                ScanAnswer(.label, .ok, zh: "标签已收到", en: "Label taken", slot: about(now)?.slot),
                .label(slot: about(now)?.slot, text: text))
        default: break
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
        case .badge, .command: return Reply(Self.unreadable)
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
            case .badge, .command: .unknown
            }
        return ScanAnswer(
            kind, .wrong, zh: "先回答：\(ask.words.zh)（扫 OK 或 CANCEL）", en: "First: \(ask.words.en) (scan OK or CANCEL)",
            ask: ask)
    }

    // MARK: - Command cards

    private mutating func take(_ command: CardText.Command, id: String, _ now: ContinuousClock.Instant) -> Reply {
        let standing = current(now)
        switch command {
        case .ok:
            guard let standing else {
                return wrong("没有要确认的事", "There is nothing to confirm")
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
        case .endShift, .redBin, .reprint:
            if let standing {
                return Reply(
                    ScanAnswer(
                        .command, .wrong, zh: "先回答：\(standing.ask.words.zh)（扫 OK 或 CANCEL）",
                        en: "First: \(standing.ask.words.en) (scan OK or CANCEL)", ask: standing.ask))
            }
            return begin(command, id: id, now)
        }
    }

    private mutating func begin(_ command: CardText.Command, id: String, _ now: ContinuousClock.Instant) -> Reply {
        if command == .endShift {
            return ask(
                .command, id, .confirm, .action(.endShift), zh: "下班？扫 OK 退出登录",
                en: "End of your shift? Scan OK to sign off", now)
        }
        guard let unit = about(now)?.unit else {
            return wrong("先扫板子的标签或工位卡", "Scan the board's label or its slot's card first")
        }
        if command == .redBin {
            return ask(
                .command, id, .confirm, .action(.hold(unit: unit, reason: "put into the red bin, by card")),
                zh: "把 \(unit) 放入红箱？扫 OK", en: "\(unit) into the red bin? Scan OK", unit: unit, now)
        }
        return ask(
            .command, id, .reason, .reprint(unit: unit), zh: "为什么重打 \(unit) 的标签？",
            en: "Why is the label of \(unit) printed again?", unit: unit, now)
    }

    private func wrong(_ zh: String, _ en: String) -> Reply { Reply(ScanAnswer(.command, .wrong, zh: zh, en: en)) }

    // MARK: - Orders and slots

    private mutating func take(
        _ found: Finding.OrderFinding, id: String, _ may: (Permission) -> Bool, _ now: ContinuousClock.Instant
    ) -> Reply {
        let order = found.order
        let figures = Bilingual(
            zh: "合格 \(found.passed)，已领 \(order.claimed)/\(order.quota)，剩 \(order.left)",
            en: "\(found.passed) passed, \(order.claimed) of \(order.quota) claimed, \(order.left) left")
        func tell(_ result: ScanAnswer.Result, _ zh: String, _ en: String) -> Reply {
            Reply(
                ScanAnswer(
                    .order, result, zh: "\(order.id) \(zh)：\(figures.zh)", en: "\(order.id) \(en): \(figures.en)"))
        }
        if order.needsCause, may(.nameCause) {
            return ask(
                .order, id, .reason, .nameCause(order: order.id), zh: "\(order.id) 同一故障连续出现：原因是什么？",
                en: "\(order.id): one failure repeats. What is the cause?", now)
        }
        if order.state == .open, order.firstArticle == .passed, may(.confirmFirstArticle) {
            return ask(
                .order, id, .confirm, .action(.confirmFirstArticle(order: order.id)),
                zh: "\(order.id) 首件已合格，看过了吗？扫 OK 放行", en: "\(order.id): first article passed. Looked at it? Scan OK",
                now)
        }
        switch order.state {
        case .open: return tell(.ok, "进行中", "is open")
        case .closed: return tell(.wrong, "已关闭", "is closed")
        case .held where order.holdCode != nil:
            let entry = order.holdCode.flatMap(FailureCode.init(known:))?.entry
            return Reply(
                ScanAnswer(
                    .order, .ok, zh: "\(order.id) 暂停：\(entry?.zh.happened ?? "")。\(entry?.zh.action ?? "")。",
                    en: "\(order.id) is held: \(entry?.en.happened ?? ""). \(entry?.en.action ?? "")."))
        case .draft, .held:
            guard may(.changeOrder) else { return tell(.wrong, "没有开放，叫线长", "is not open: call the leader") }
            guard found.occupied.isEmpty else {
                let slots = found.occupied.joined(separator: ", ")
                return Reply(
                    ScanAnswer(
                        .order, .wrong, zh: "换单前先取下工位 \(slots) 的板子",
                        en: "Before the change-over take the boards off slot \(slots)"))
            }
            return ask(
                .order, id, .confirm, .action(.openOrder(id: order.id)),
                zh: "开放 \(order.id)（\(order.profile) \(order.release)，\(order.quota) 块）？扫 OK",
                en: "Open \(order.id) (\(order.profile) \(order.release), \(order.quota) boards)? Scan OK", now)
        }
    }

    private mutating func take(
        _ found: Finding.SlotFinding, slot: String, _ now: ContinuousClock.Instant
    ) -> Reply {
        subject = Subject(unit: found.unit, slot: slot, since: now)
        let what = found.unit.map { " \($0)" } ?? ""
        return Reply(
            ScanAnswer(
                .slot, .ok, zh: "工位 \(slot)：\(found.word)\(what) \(found.message.zh)",
                en: "Slot \(slot): \(found.word)\(what) \(found.message.en)", unit: found.unit, slot: slot),
            .blink(slot: slot))
    }

    // MARK: - Questions

    /// Asks, and lets the question stand.
    private mutating func ask(
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

extension Dialogue {
    // MARK: - Labels

    fileprivate mutating func take(
        _ label: Finding.LabelFinding, id: String, _ may: (Permission) -> Bool, _ now: ContinuousClock.Instant
    ) -> Reply {
        switch label {
        case .awaited, .unreadable: return Reply(Self.unreadable)
        case .unknown(_, true):
            return Reply(ScanAnswer(.label, .ok, zh: "新板子：放入空工位", en: "A new board: place it in an empty slot"))
        case .unknown(_, false):
            return Reply(
                ScanAnswer(
                    .label, .wrong, zh: "新板子，但没有开放的工单：叫线长", en: "A new board, and no order is open: call the leader"))
        case .unit(let found):
            subject = Subject(unit: found.unit.deviceName.text, slot: found.slot, since: now)
            return take(found, id: id, may, now)
        }
    }

    private mutating func take(
        _ found: Finding.UnitFinding, id: String, _ may: (Permission) -> Bool, _ now: ContinuousClock.Instant
    ) -> Reply {
        let (unit, name, entry) = (found.unit, found.unit.deviceName.text, found.code?.entry)
        func tell(_ result: ScanAnswer.Result, _ zh: String, _ en: String) -> Reply {
            Reply(ScanAnswer(.label, result, zh: zh, en: en, unit: name, slot: found.slot))
        }
        func refuse(_ code: FailureCode) -> Reply {
            let entry = code.entry
            return tell(
                .wrong, "\(code) \(entry.zh.happened)。\(entry.zh.action)。",
                "\(code) \(entry.en.happened). \(entry.en.action).")
        }
        if unit.state == .claimed, let slot = found.slot {
            return tell(.ok, "\(name) 正在工位 \(slot) 运行", "\(name) is running on slot \(slot)")
        }
        if let pending = unit.pending, unit.state.mayTakeWork {
            let zh = pending == .reset ? "重置" : "重新烧录"
            return tell(
                .ok, "\(name) 等待\(zh)：放入空工位", "\(name) waits for its \(pending.rawValue): place it in an empty slot")
        }
        let why = Bilingual(
            zh: found.code.map { "\($0) \(entry?.zh.happened ?? "")" } ?? "原因见记录",
            en: found.code.map { "\($0) \(entry?.en.happened ?? "")" } ?? "see its record")
        switch unit.state {
        case .passed: return tell(.ok, "\(name) 已经合格，取走", "\(name) has already passed: remove it")
        case .done: return tell(.ok, "\(name) 已完成（按计划不激活）", "\(name) is done, not activated by plan")
        case .awaitingActivation:
            return tell(.ok, "\(name) 等待激活：放入空工位", "\(name) waits for its activation: place it in an empty slot")
        case .claimed:
            return tell(.ok, "\(name) 上次运行被中断：放入空工位", "\(name)'s last run was cut off: place it in an empty slot")
        case .scrapped: return refuse(.scrapped)
        case .replaced: return refuse(.replaced)
        case .held:
            guard may(.releaseUnit) else {
                let help = entry?.zh.help ?? ""
                return tell(
                    .wrong, "\(name) 暂停：\(why.zh)。叫\(help.isEmpty ? "线长" : help)",
                    "\(name) is on hold: \(why.en). Call: \(entry?.en.help.isEmpty == false ? entry?.en.help ?? "" : "the line leader")"
                )
            }
            return ask(
                .label, id, .reason,
                .release(unit: name, needsSecond: found.code?.isReleasedByTwo ?? false),
                zh: "\(name) 暂停：\(why.zh)。为什么放行？", en: "\(name) is on hold: \(why.en). Why may it run again?",
                unit: name,
                now)
        case .failed:
            let runs = unit.runs >= found.runLimit
            guard may(.reflash), unit.uid.isIndependent || unit.tag != nil else {
                return runs
                    ? refuse(.runLimit)
                    : tell(
                        .ok, "\(name) 未通过：\(why.zh)。再测：放入空工位（第 \(unit.runs + 1) 次）；重新烧录找线长",
                        "\(name) failed: \(why.en). Retest: place it in an empty slot (run \(unit.runs + 1) of "
                            + "\(found.runLimit)); a leader may order a re-flash")
            }
            return ask(
                .label, id, .confirm,
                .action(
                    .unit(
                        name: name, .reflash, reason: "re-flash by scan after \(found.code?.text ?? "a failure")",
                        second: nil)),
                zh: "\(name) 未通过：\(why.zh)。重新烧录？扫 OK", en: "\(name) failed: \(why.en). Write it again? Scan OK",
                unit: name, now)
        }
    }
}

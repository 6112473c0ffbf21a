import Execution
import Provisioning

extension Dialogue {
    mutating func take(
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
        case .closing: return tell(.wrong, "正在结单", "is being closed")
        case .closed: return tell(.wrong, "已关闭", "is closed")
        case .terminated: return tell(.wrong, "已终止", "was terminated")
        case .held where order.waitsForDebt && may(.changeOrder):
            return ask(
                .order, id, .confirm, .action(.openOrder(id: order.id)),
                zh: "\(order.id) 已到离线上限，仍要继续放新板？扫 OK",
                en: "\(order.id) bears no more boards that wait for their activation. Go on all the same? Scan OK", now)
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

    mutating func take(
        _ found: Finding.SlotFinding, slot: String, _ now: ContinuousClock.Instant
    ) -> Reply {
        subject = Subject(unit: found.unit, slot: slot, since: now)
        let what = found.unit.map { " \($0)" } ?? ""
        return Reply(
            ScanAnswer(
                .slot, .ok, zh: "工位 \(slot)：\(found.word)\(what) \(found.message.zh)",
                en: "Slot \(slot): \(found.word)\(what) \(found.message.en)", unit: found.unit, slot: slot))
    }
}

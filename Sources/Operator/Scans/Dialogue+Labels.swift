import Execution
import Provisioning

extension Dialogue {
    mutating func take(
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

import Execution
import HTTPTypes
import Journal
import Provisioning

extension Desk {
    /// Does what a scan, or the button in its place, asks for.
    /// - Returns: what it came to; nil where there is nothing to add.
    func carryOut(_ action: ScanAction, actor: String, session: Sessions.Session?) async throws -> Bilingual? {
        switch action {
        case .openOrder(let id):
            let order = try await perform(
                .changeOrder(id: id, state: "open", leavingUnsettled: false, reason: "opened by scan"), actor)
            return Bilingual(
                zh: "\(id) 已开放：\(order["quota"].int ?? 0) 块", en: "\(id) is open: \(order["quota"].int ?? 0) boards")
        case .confirmFirstArticle(let order):
            try await confirmFirstArticle(order, actor: actor)
            return Bilingual(zh: "\(order) 首件已放行", en: "\(order): first article confirmed, every slot works")
        case .nameCause(let order, let reason):
            try await nameCause(order, reason: reason, actor: actor)
            return Bilingual(zh: "\(order) 已放行", en: "\(order) goes on")
        case .unit(let name, let request, let reason, let second):
            let unit = try await perform(
                .unit(deviceName: name, request: request, reason: reason, second: second), actor)
            guard let pending = unit["pending"].string else {
                switch request {
                case .scrap: return Bilingual(zh: "\(name) 已报废", en: "\(name) is scrapped")
                case .replace(let other, _):
                    return Bilingual(
                        zh: "\(name) 已作废：把 \(other) 放入空工位", en: "\(name) is given up: place \(other) in an empty slot")
                default: return Bilingual(zh: "\(name) 好", en: "\(name): done")
                }
            }
            let zh = pending == "reset" ? "重置" : "重新烧录"
            return Bilingual(
                zh: "\(name) 将\(zh)：放入空工位", en: "\(name) waits for its \(pending): place it in an empty slot")
        case .hold(let unit, let reason):
            _ = try await perform(.holdUnit(deviceName: unit, reason: reason), actor)
            return Bilingual(zh: "\(unit) 已暂停：放入红箱", en: "\(unit) is on hold: into the red bin")
        case .release(let unit, let reason, let second):
            let whole = second.map { "\(reason) (signed by \($0) too)" } ?? reason
            let released = try await perform(.releaseUnit(deviceName: unit, reason: whole), actor)
            guard released["state"].string != BoardUnit.State.passed.rawValue else {
                return Bilingual(zh: "\(unit) 恢复为合格", en: "\(unit) counts as passed again")
            }
            return Bilingual(zh: "\(unit) 可以再运行：放入空工位", en: "\(unit) may run again: place it in an empty slot")
        case .label(let slot, let text): return try await takeLabel(text, slot: slot, actor: actor)
        case .call(let unit, let slot):
            let place = Bilingual(
                zh: [slot.map { "工位 \($0)" }, unit].compactMap { $0 }.joined(separator: " "),
                en: [slot.map { "slot \($0)" }, unit].compactMap { $0 }.joined(separator: " "))
            let name = people.name(of: actor)
            await feed.note(Bilingual(zh: "\(name) 呼叫：\(place.zh)", en: "\(name) calls for help: \(place.en)"))
            return try await request(.call(unit: unit, slot: slot), actor)
        case .reprint(let unit, let reason): return try await request(.reprint(unit: unit, reason: reason), actor)
        case .endShift(let shift, let note):
            guard try await journal.openShift()?.id == shift else {
                throw Problem(
                    .conflict, Bilingual(zh: "班次 \(shift) 已经结束", en: "shift \(shift) has ended already"))
            }
            _ = try await perform(.shift(.end(note: note, isCard: true)), actor)
            return Bilingual(
                zh: "班次 \(shift) 已结束：不放新板", en: "Shift \(shift) has ended: no new board starts")
        case .signOff:
            if let session { try await signIn.close(session, cause: "shift-end") }
            return Bilingual(zh: "已退出，辛苦了", en: "Signed off. Thank you")
        }
    }
    /// A leader has looked at the order's first article.
    func confirmFirstArticle(_ order: String, actor: String) async throws {
        _ = try await perform(.confirmFirstArticle(order: order, reason: "confirmed on the page"), actor)
    }

    /// Names the cause of a repeated failure and lets the order go on.
    func nameCause(_ order: String, reason: String, actor: String) async throws {
        guard try await journal.order(order)?.needsCause == true else {
            throw Problem(
                .conflict,
                Bilingual(
                    zh: "\(order) 没有因为重复故障而暂停", en: "order \(order) is not on hold for a failure that repeats"))
        }
        _ = try await perform(
            .changeOrder(id: order, state: "open", leavingUnsettled: false, reason: reason), actor)
    }

    /// Gives a label to the slot that waits for it. What it should have said is not told.
    private func takeLabel(_ text: String, slot: String?, actor: String) async throws -> Bilingual {
        do {
            let found = try await perform(.scanLabel(text: text, slot: slot), actor)["slot"].string ?? ""
            return Bilingual(zh: "工位 \(found)：标签正确", en: "Slot \(found): the label is its board's")
        } catch let error as StationCommand.CommandError {
            throw Problem(
                .conflict, Bilingual(zh: "标签不对：不是等待扫描的板子的标签，再核对一次", en: error.description))
        }
    }
}

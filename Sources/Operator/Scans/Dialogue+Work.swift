import Execution
import Provisioning

extension Dialogue {
    /// A leader's card about the board that was scanned before: written again, reset, replaced, scrapped.
    /// - Returns: nil where the card is none of these.
    mutating func begin(
        work command: CardText.Command, on unit: String, id: String, _ may: (Permission) -> Bool,
        _ now: ContinuousClock.Instant
    ) -> Reply? {
        let request: UnitRequest
        switch command {
        case .reflash: request = .reflash
        case .reset: request = .reset
        case .scrap: request = .scrap(destroyed: false)
        case .replace:
            guard may(.replace) else { return callLeader }
            return ask(
                .command, id, .label, .replace(unit: unit), zh: "谁接替 \(unit)？扫新板子的标签",
                en: "Which board takes the place of \(unit)? Scan its label", unit: unit, now)
        case .ok, .cancel, .reprint, .call, .redBin, .endShift: return nil
        }
        guard may(request.permission) else { return callLeader }
        let words = Self.words(request, unit)
        return ask(.command, id, .reason, .work(unit: unit, request), zh: words.zh, en: words.en, unit: unit, now)
    }

    /// The label of the board that takes a unit's place.
    mutating func take(
        _ label: Finding.LabelFinding, inPlaceOf unit: String, id: String, _ now: ContinuousClock.Instant
    ) -> Reply {
        switch label {
        case .unknown(let identity, _):
            let words = Self.words(.replace(identity: identity, destroyed: false), unit)
            return ask(
                .label, id, .reason, .work(unit: unit, .replace(identity: identity, destroyed: false)), zh: words.zh,
                en: words.en, unit: unit, now)
        case .unit(let found):
            let name = found.unit.deviceName.text
            return wrong(
                "\(name) 已经登记过，不能接替 \(unit)：扫一块新板子的标签",
                "\(name) is known already and cannot take the place of \(unit): scan the label of a new board")
        case .awaited, .unreadable: return Reply(Self.unreadable)
        }
    }

    private var callLeader: Reply { wrong("没有权限：叫线长", "This takes a line leader: call one") }

    private static func words(_ request: UnitRequest, _ unit: String) -> Bilingual {
        let what: Bilingual =
            switch request {
            case .reflash: Bilingual(zh: "\(unit) 下次放板全部重写", en: "\(unit) is written again when it is placed")
            case .reset:
                Bilingual(
                    zh: "\(unit) 下次放板证明后重置，重新注册激活",
                    en: "\(unit) is reset once it is placed and proved, and registers anew")
            case .replace(let identity, _):
                Bilingual(
                    zh: "\(unit) 作废，由 \(identity) 接替，不能恢复",
                    en: "\(unit) is given up for \(identity), which cannot be undone")
            case .scrap, .disable, .enable, .keepClientID, .clearClientIDs:
                Bilingual(
                    zh: "\(unit) 报废，不能恢复，名额不退回", en: "\(unit) is scrapped for good; its place in the quota stays taken")
            }
        return Bilingual(zh: what.zh + "？写原因，或扫 OK", en: what.en + "? Give a reason, or scan OK")
    }
}

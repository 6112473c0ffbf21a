import Journal
public import Provisioning

/// The one safe thing that is done about a row, and by whom.
public struct ReconcileAction: Hashable, Sendable {
    /// What is done; raw values are as rows and commands name it.
    public enum Key: String, Sendable, CaseIterable {
        /// A device that is nobody's is alarmed and forbidden to connect.
        case stop
        /// A name that this journal did not make is taken as known.
        case baseline
        case hold, release
        case keepClientID = "keep-client-id"
        case clearClientIDs = "clear-client-ids"
        case reset, reflash, scrap
        /// A listed name that the cloud has no more is crossed off its list.
        case forget
        /// A ghost is deleted.
        case cleanUp = "clean-up"
        /// By hand: the board is placed on a slot again.
        case place
        /// By hand: the board is taken out of its box.
        case unpack
        /// By hand: the packing list is put right.
        case correct
        /// By hand: the board is looked for.
        case find

        /// Whether a person does it, and no command can.
        public var isByHand: Bool { [.place, .unpack, .correct, .find].contains(self) }
    }

    public let key: Key
    public let zh: String
    public let en: String

    init(_ key: Key, productKey: String) {
        self.key = key
        (zh, en) =
            switch key {
            case .stop:
                (
                    "禁用该设备；控制台：产品 \(productKey)，关闭动态注册",
                    "disable the device; console, product \(productKey): switch dynamic registration off (动态注册)"
                )
            case .baseline: ("确认来源后记入基线", "find out who made it, then take it into the baseline")
            case .hold: ("暂停该设备，查明原因", "put the unit on hold and find out why")
            case .release:
                ("查明后由班长放行（一名两板须两人）", "released by a leader who knows why; two boards under one name: two people")
            case .keepClientID: ("保留本板的 ClientID，作废其余", "keep the board's own ClientID and void the others")
            case .clearClientIDs:
                ("清除全部 ClientID，重新上线该板", "clear all ClientIDs, then place the board again")
            case .reset: ("下达重置，重新放板并激活", "order a reset, then place the board: it registers anew")
            case .reflash: ("下达重新烧录，重新放板验证", "order a re-flash, then place the board: it proves itself again")
            case .scrap: ("报废该设备", "give the unit up (scrap)")
            case .forget: ("从清单中划去该名称", "cross the name off its list")
            case .cleanUp:
                ("清理幽灵名称（工单已停止、超过 24 小时、仍未激活）", "clean up the ghost: order not open, older than 24 h, still UNACTIVE")
            case .place: ("重新放入工位完成，或报废", "place the board on a slot again, or scrap it")
            case .unpack: ("从箱中取出，核对身份", "take the board out of its box and see what it is")
            case .correct: ("核对装箱清单，改正重复行", "look at both lines of the packing list and put it right")
            case .find: ("找到该板并装箱，或报废", "find the board and pack it, or scrap it")
            }
    }

    /// As rows carry it.
    public var json: JSONValue { ["key": .string(key.rawValue), "zh": .string(zh), "en": .string(en)] }
}

extension ReconcileAction.Key {
    /// The action for a name whose class that is; nil where nothing is to be done.
    static func key(for value: ReconcileClass, _ match: ReconcileMatch) -> Self? {
        let state = match.journal?.state
        let isHeld = state == .held
        switch value {
        case .activeNotOurs: return .stop
        case .oneNameTwoBoards, .oneBoardTwoNames, .activeBeforeFlash, .activeOutsideWindow:
            return isHeld ? .release : .hold
        case .duplicateClientIDs:
            let kept = match.journal?.clientID
            return kept.map { match.cloud?.clientIDs?.contains($0) == true } == true ? .keepClientID : .clearClientIDs
        case .resetWithoutRecord: return .reset
        case .deletedInCloud: return match.journal?.unit == nil ? .forget : .scrap
        case .flashedNotRegistered: return .place
        case .passedNotActive: return .reflash
        case .activeNotPassed: return isHeld ? .release : state == .done ? .hold : .place
        case .registeredNeverFlashed: return match.isOurs ? .cleanUp : .baseline
        case .packedUnknown, .packedNotPassed: return .unpack
        case .packedTwice: return .correct
        case .passedNotPacked: return .find
        case .held: return isHeld ? .release : .place
        case .replaced, .scrapped, .notActivatedByPlan, .ok: return nil
        }
    }
}

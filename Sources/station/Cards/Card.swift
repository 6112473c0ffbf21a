import Provisioning

/// One card of the sheet: what is scanned, and what a person reads.
struct Card: Sendable {
    /// What a sheet's pages are headed and ordered by.
    enum Kind: String, CaseIterable, Sendable {
        case command, slot, order, badge
    }

    /// The two languages of the line.
    struct Words: Hashable, Sendable {
        let zh: String
        let en: String
    }

    let text: CardText
    let title: Words
    /// What the card does.
    let sentence: Words
    /// Name of the picture in `HOME/cards/pictures`; nil where the title itself is the picture.
    let picture: String?

    var kind: Kind {
        switch text {
        case .command: .command
        case .slot: .slot
        case .order: .order
        case .badge: .badge
        }
    }

    /// Whether bars stand beside the matrix, and the text below them.
    var hasBars: Bool { kind == .command || kind == .slot }

    /// Whether the barcode's text is printed to be read; a badge's is not.
    var showsText: Bool { kind != .badge }

    static func command(_ command: CardText.Command) -> Card {
        let (title, sentence) = words(of: command)
        return Card(
            text: .command(command), title: title, sentence: sentence, picture: command.rawValue.lowercased())
    }

    static func slot(_ name: String) -> Card {
        Card(
            text: .slot(name), title: Words(zh: name, en: name),
            sentence: Words(zh: "工位：贴在夹具的这个位置上", en: "Slot: stick it on this place of the fixture"), picture: nil)
    }

    static func order(_ order: WorkOrder) -> Card {
        let product = "\(order.productKey) · \(order.profile) · \(order.release)"
        return Card(
            text: .order(order.id), title: Words(zh: order.id, en: order.id),
            sentence: Words(zh: "工单 \(order.quota) 件 · \(product)", en: "Work order of \(order.quota) · \(product)"),
            picture: "order")
    }

    static func badge(_ badge: BadgeList.Badge) -> Card {
        Card(
            text: .badge(badge.text), title: Words(zh: badge.name, en: badge.name),
            sentence: Words(zh: "工牌：不得外借或拍照", en: "Badge: not to be lent, not to be photographed"), picture: "badge")
    }

    private static func words(of command: CardText.Command) -> (title: Words, sentence: Words) {
        switch command {
        case .ok: (Words(zh: "确认", en: "OK"), Words(zh: "回答“是”，继续", en: "Yes, go on"))
        case .cancel: (Words(zh: "取消", en: "CANCEL"), Words(zh: "放弃当前提问", en: "Drop the question on the screen"))
        case .reprint:
            (
                Words(zh: "重打标签", en: "REPRINT"),
                Words(zh: "再打一次当前工位的标签", en: "Print this slot's label once more")
            )
        case .call: (Words(zh: "呼叫班长", en: "CALL"), Words(zh: "请班长到工位来", en: "Call the line leader"))
        case .redBin:
            (
                Words(zh: "放入红箱", en: "RED BIN"),
                Words(zh: "不良板已放入红箱", en: "The failed board is in the red bin")
            )
        case .endShift:
            (
                Words(zh: "结束班次", en: "END SHIFT"),
                Words(zh: "不再开始新板，做完为止", en: "No new board starts; running ones finish")
            )
        case .reflash:
            (
                Words(zh: "重新烧录", en: "REFLASH"),
                Words(zh: "线长：先扫板，下次放板全部重写", en: "Leader: scan the board first; it is written again")
            )
        case .reset:
            (
                Words(zh: "重置", en: "RESET"),
                Words(zh: "线长：先扫板，重新注册激活", en: "Leader: scan the board first; it registers anew")
            )
        case .replace:
            (
                Words(zh: "替换", en: "REPLACE"),
                Words(zh: "线长：扫旧板、此卡、新板", en: "Leader: old board, this card, new board")
            )
        case .scrap:
            (
                Words(zh: "报废", en: "SCRAP"),
                Words(zh: "线长：先扫板，不能恢复", en: "Leader: scan the board first; for good")
            )
        }
    }
}

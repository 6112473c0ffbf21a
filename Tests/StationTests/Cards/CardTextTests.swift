import Provisioning
import Testing

@Suite("texts of our own cards")
struct CardTextTests {
    static let cards: [(text: String, card: CardText)] =
        CardText.Command.allCases.map { ("PS1:CMD:\($0.rawValue)", .command($0)) } + [
            ("PS1:SLOT:1", .slot("1")), ("PS1:ORDER:WO-0001", .order("WO-0001")),
            ("PS1:BADGE:ABC-123", .badge(Secret("ABC-123"))), ("PS1:ORDER:a:b", .order("a:b")),
        ]

    @Test("a card's text reads back as the card", arguments: cards)
    func roundTrip(text: String, card: CardText) {
        #expect(card.text == text)
        #expect(CardText(scanned: text) == card)
    }

    @Test(
        "anything else is no card",
        arguments: [
            "", "PS1", "PS1:CMD", "PS1:CMD:", "PS1:CMD:ok", "PS1:SLOT:", "PS1:TAG:1", "ps1:CMD:OK", "7CDFA1000104",
        ])
    func others(text: String) { #expect(CardText(scanned: text) == nil) }

    @Test("a badge does not print itself")
    func hidden() {
        let card = CardText(scanned: "PS1:BADGE:XQZ-77120")
        #expect(!"\(String(describing: card)) \(String(reflecting: card))".contains("XQZ"))
    }
}

import Foundation
import Provisioning
import Testing

@testable import station

@Suite("the sheet of cards")
struct CardSheetTests {
    private func html(_ cards: [Card], language: CardSheet.Language = .zh) throws -> String {
        let home = try StationHome.locate()
        let art = try CardArt(folder: home.cardsFolder, pictures: Set(cards.compactMap(\.picture)).sorted())
        return try CardSheet(station: "LINE-1", cards: cards, art: art, language: language, date: "2026-11-26").html()
    }

    private func count(_ part: String, in text: String) -> Int { text.components(separatedBy: part).count - 1 }

    @Test("ten cards stand on a page, each kind on pages of its own")
    func pages() throws {
        let badges = try BadgeList("A\nB").badges.map(Card.badge)
        let text = try html(badges + (1...11).map { .slot("\($0)") })
        #expect(count("<section class=\"page\">", in: text) == 3)
        #expect(count("<article", in: text) == 13)
        #expect(text.contains("LINE-1 · 2026-11-26 · 3/3"))
        // Slots come before badges, whatever their order was.
        let (slots, people) = (text.range(of: "工位标签"), text.range(of: "工牌（"))
        #expect(try #require(slots).lowerBound < #require(people).lowerBound)
    }

    @Test("what people wrote stays text")
    func escaping() throws {
        let text = try html(BadgeList("<script>'&\"</script>").badges.map(Card.badge))
        #expect(!text.contains("<script") && text.contains("&lt;script&gt;&#39;&amp;&quot;"))
    }

    @Test("the badge's text is not printed to be read, a slot's is")
    func readable() throws {
        #expect(try !html(BadgeList("A,GOOD-0001").badges.map(Card.badge)).contains("GOOD-0001"))
        #expect(try html([.slot("A1")]).contains("<code>PS1:SLOT:A1</code>"))
    }

    @Test("the chosen language is written first, the other beside it", arguments: CardSheet.Language.allCases)
    func language(language: CardSheet.Language) throws {
        let text = try html([.command(.redBin)], language: language)
        let (zh, en) = try (#require(text.range(of: "放入红箱")), #require(text.range(of: "RED BIN")))
        #expect((zh.lowerBound < en.lowerBound) == (language == .zh))
    }

    @Test("bars that would be too fine are left out; the matrix is always there")
    func fineBars() throws {
        let text = try html([.slot("a-slot-with-a-very-long-name-001")])
        #expect(!text.contains("class=\"bars\"") && text.contains("class=\"matrix\""))
    }

    @Test("a picture that is missing is named with its file")
    func missing() throws {
        let folder = try StationHome.locate().cardsFolder
        let missing = #expect(throws: CardArt.Missing.self) { try CardArt(folder: folder, pictures: ["no-such"]) }
        #expect(missing?.description.contains("pictures/no-such.svg") == true)
    }
}

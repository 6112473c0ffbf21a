import Provisioning
import Testing

@testable import station

@Suite("the list of people with badges")
struct BadgeListTests {
    @Test("a name alone gets a random badge, a name with a badge keeps it")
    func list() throws {
        let list = try BadgeList("# day shift\n张三\n\n 李四 , LEADER-0001\r\n")
        #expect(list.badges.map(\.name) == ["张三", "李四"])
        #expect(list.badges[0].text.count == 26)
        #expect(list.badges[1].text.revealed == "LEADER-0001")
    }

    @Test("random badges are 26 characters of base32 and never the same")
    func random() {
        let badges = (0..<200).map { _ in BadgeList.random().revealed }
        #expect(Set(badges).count == badges.count)
        for badge in badges {
            #expect(badge.count == 26 && badge.allSatisfy { "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".contains($0) })
            #expect(BadgeList.isBadge(badge))
        }
    }

    @Test("every problem is named by its line, and no badge is repeated")
    func problems() {
        let refusal = #expect(throws: BadgeList.Refusal.self) {
            try BadgeList("A,short\nB,GOOD-0001\nC,GOOD-0001\n,GOOD-0002\n" + String(repeating: "x", count: 25))
        }
        #expect(refusal?.problems.map { $0.prefix(7) } == ["line 1:", "line 3:", "line 4:", "line 5:"])
        #expect(refusal?.description.contains("GOOD") == false && refusal?.description.contains("short") == false)
    }

    @Test("an empty list is refused", arguments: ["", "\n\n", "# nobody\n"])
    func empty(text: String) { #expect(throws: BadgeList.Refusal.self) { try BadgeList(text) } }
}

import Provisioning
import Testing

@Suite("Which identities an order takes")
struct IdentityRuleTests {
    @Test(
        "a rule takes what it says and nothing else",
        arguments: [
            ("any", Identity.Kind.mac, "6055F9000000", true),
            ("range:6055F9000000..6055F90000FF", .mac, "6055F9000000", true),
            ("range:60:55:f9:00:00:00..60:55:F9:00:00:FF", .mac, "6055F90000FF", true),
            ("range:6055F9000000..6055F90000FF", .mac, "6055F9000100", false),
            ("range:6055F9000000..6055F90000FF", .mac, "6055F8FFFFFF", false),
            ("range:SN0100..SN0199", .sn, "SN0150", true), ("range:SN0100..SN0199", .sn, "SN0200", false),
            ("range:SN0100..SN0199", .sn, "SN01500", false), ("range:SN0100..SN0199", .sn, "SN015", false),
            ("range:490154203237518..490154203237518", .imei, "490154203237518", true),
            ("oui:6055f9", .mac, "6055F9ABCDEF", true), ("oui:6055F9, A0B1C2", .mac, "A0B1C2000000", true),
            ("oui:6055F9", .mac, "6055F8ABCDEF", false),
            ("tac:49015420", .imei, "490154203237518", true), ("tac:49015421", .imei, "490154203237518", false),
            ("pattern:SN26[0-9]{6}", .sn, "SN26000001", true), ("pattern:SN26[0-9]{6}", .sn, "SN260000012", false),
            ("pattern:SN26[0-9]{6}", .sn, "XSN26000001", false), ("pattern:A|B", .sn, "AB", false),
        ])
    func allows(text: String, kind: Identity.Kind, value: String, isAllowed: Bool) throws {
        let rule = try IdentityRule(text, kind: kind)
        #expect(rule.allows(try Identity(kind: kind, value: value), isListed: false) == isAllowed)
        #expect(IdentityRule(json: rule.json) == rule)
    }

    @Test("a list takes what is listed", arguments: [true, false])
    func list(isListed: Bool) throws {
        let rule = IdentityRule.list(count: 2, sha256: "00")
        #expect(rule.allows(try Identity(kind: .mac, value: "6055F9000000"), isListed: isListed) == isListed)
        #expect(IdentityRule(json: rule.json) == rule)
    }

    @Test(
        "what is no rule is refused with what was expected",
        arguments: [
            ("", Identity.Kind.mac, "expected any"), ("all", .mac, "expected any"), ("any:1", .mac, "expected any"),
            ("range:6055F9000000", .mac, "range:FROM..TO"),
            ("range:6055F90000FF..6055F9000000", .mac, "the later one last"),
            ("range:6055F9..6055FA", .mac, "kind (mac)"), ("range:SN1..SN10", .sn, "range:FROM..TO"),
            ("oui:6055F", .mac, "6 hexadecimal digits"), ("oui:", .mac, "6 hexadecimal digits"),
            ("oui:6055F9", .sn, "the profile reads sn"), ("tac:1234567", .imei, "8 digits"),
            ("tac:12345678", .mac, "the profile reads mac"), ("pattern:", .sn, "regular expression"),
            ("pattern:(", .sn, "regular expression"),
        ])
    func refusals(text: String, kind: Identity.Kind, expected: String) {
        let error = #expect(throws: IdentityRule.RuleError.self) { try IdentityRule(text, kind: kind) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test(
        "debt exceeds a limit when it reaches it",
        arguments: [
            (nil, nil, 1000, 5000, false), (5, nil, 4, 900, false), (5, nil, 5, nil, true), (nil, 30, 1, 29, false),
            (nil, 30, 1, 30, true), (5, 30, 0, nil, false),
        ] as [(Int?, Int?, Int, Int?, Bool)])
    func debt(units: Int?, minutes: Int?, debt: Int, waited: Int?, isExceeded: Bool) {
        let limits = OrderLimits(offlineBoards: units, offlineMinutes: minutes)
        #expect(limits.isExceeded(units: debt, waited: waited) == isExceeded)
        #expect(OrderLimits(json: limits.json) == limits)
    }

    @Test("every failure code of a board's step names its step")
    func steps() {
        #expect(FailureCode.blockWrite.step == .flash)
        #expect(FailureCode.notReady.step == .boot)
        #expect(FailureCode.journalFault.step == nil)
    }
}

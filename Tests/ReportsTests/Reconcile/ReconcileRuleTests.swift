import Journal
import Provisioning
import Reports
import Testing

@Suite("Each class fits what it says, the first in the printed order wins, the others are notes")
struct ReconcileRuleTests {
    private static let rule = ReconcileRule(order: "WO-0001", probeName: "Station-Probe")
    private static let noPre = ReconcileRule(order: "WO-0001", registration: .noPreregistration)
    private static let boxes = ReconcileRule(order: "WO-0001", hasPackingList: true)
    private static let day = ReconcileRule(
        order: "WO-0001", window: ProductionWindow("2026-11-01T00:00:00Z/2026-11-02T00:00:00Z"))

    /// 2026-11-01T08:00:00Z.
    private static let noon: Int64 = 1_793_520_000_000

    /// A unit of the order that passed, and its device.
    private static func unit(_ change: (inout JournalName) -> Void = { _ in }) -> JournalName {
        var name = JournalName(
            key: "a1", unit: 1, order: "WO-0001", identity: "A1", state: .passed, iotID: "i", isFlashed: true,
            lookedAt: noon, activatedAt: noon + 60_000, secretDigest: "d")
        change(&name)
        return name
    }

    private static func device(_ change: (inout CloudName) -> Void = { _ in }) -> CloudName {
        var device = CloudName(key: "a1", iotID: "i", state: .offline, activatedAt: noon + 60_000, secretDigest: "d")
        change(&device)
        return device
    }

    private static func fresh(_ state: CloudName.State = .unactive, iotID: String = "i") -> CloudName {
        CloudName(key: "a1", iotID: iotID, state: state)
    }

    private static let listed = JournalName(key: "a1", order: "WO-0001", iotID: "i", isListed: true)

    /// What lies beside each other, and what comes out: the class, then its notes.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let rule: ReconcileRule
        let journal: JournalName?
        let cloud: CloudName?
        var twins = false
        var packed = 0
        let expected: [String]

        init(
            _ name: String, in rule: ReconcileRule = ReconcileRuleTests.rule, _ journal: JournalName?,
            _ cloud: CloudName?, twins: Bool = false, packed: Int = 0, _ expected: String...
        ) {
            (testDescription, self.rule, self.journal, self.cloud) = (name, rule, journal, cloud)
            (self.twins, self.packed, self.expected) = (twins, packed, expected)
        }
    }

    static let cases: [Case] = [
        Case("passed and active", unit(), device(), "ok"),
        Case("passed, shut out by somebody", unit(), device { $0.state = .disable }, "ok"),
        Case("nobody's name, active", nil, device(), "active-not-ours"),
        Case(
            "nobody's name, active and packed", in: boxes, nil, device(), packed: 1, "active-not-ours", "packed-unknown"
        ),
        Case("nobody's name, disabled", nil, fresh(.disable)),
        Case("nobody's name, registered", nil, fresh(), "registered-never-flashed"),
        Case("the probe name", nil, CloudName(key: "station-probe", state: .unactive)),
        Case("the probe name, active", nil, CloudName(key: "station-probe", state: .online), "active-not-ours"),
        Case("known from before, active", JournalName(key: "a1", isBaseline: true), device()),
        Case("another order's unit", unit { $0.order = "WO-0002" }, device()),
        Case("another order's list", JournalName(key: "a1", order: "WO-0002"), fresh()),
        Case("listed, never placed, active", listed, device(), "active-not-ours"),
        Case("listed, never placed", listed, fresh(), "registered-never-flashed"),
        Case("listed, was active and is stopped", listed, device { $0.state = .disable }),
        Case("listed, gone", listed, nil, "deleted-in-cloud"),
        Case("listed, made again", listed, fresh(iotID: "j"), "deleted-in-cloud", "registered-never-flashed"),
        Case("scrapped, still connecting", unit { $0.state = .scrapped }, device(), "active-not-ours", "scrapped"),
        Case("scrapped, disabled", unit { $0.state = .scrapped }, device { $0.state = .disable }, "scrapped"),
        Case("scrapped, gone", unit { $0.state = .scrapped }, nil, "scrapped"),
        Case("replaced, gone", unit { $0.state = .replaced }, nil, "replaced"),
        Case(
            "made again under its name and active", unit(), device { $0.iotID = "j" }, "active-not-ours",
            "deleted-in-cloud"),
        Case("made again under its name", unit(), fresh(iotID: "j"), "deleted-in-cloud"),
        Case("another board with its identity", unit { $0.clash = .name }, device(), "one-name-two-boards"),
        Case("two names but for case", unit(), device(), twins: true, "one-name-two-boards"),
        Case(
            "its board under another identity, on hold", unit { ($0.clash, $0.state) = (.board, .held) }, fresh(),
            "one-board-two-names", "held"),
        Case(
            "a ClientID too many", in: noPre, unit { $0.clientID = "c" }, device { $0.clientIDs = ["c", "x"] },
            "duplicate-client-ids"),
        Case(
            "another ClientID", in: noPre, unit { $0.clientID = "c" }, device { $0.clientIDs = ["x"] },
            "duplicate-client-ids"),
        Case(
            "as many ClientIDs as boots explain", in: noPre,
            unit { ($0.clientID, $0.looseBoots, $0.state) = ("c", 1, .failed) },
            device { $0.clientIDs = ["c", "x"] }, "active-not-passed", "held"),
        Case(
            "no ClientID left", in: noPre, unit { $0.clientID = "c" }, device { $0.clientIDs = [] }, "passed-not-active"
        ),
        Case(
            "active, never flashed", unit { ($0.isFlashed, $0.state) = (false, .failed) }, device(),
            "active-before-flash", "active-not-passed", "held"),
        Case("active before the first look", unit(), device { $0.activatedAt = noon - 1 }, "active-before-flash"),
        Case("the same, decided", unit { $0.isDecided = true }, device { $0.activatedAt = noon - 1 }, "ok"),
        Case("active in the very second of the first look", unit(), device { $0.activatedAt = noon }, "ok"),
        Case("within the window", in: day, unit(), device(), "ok"),
        Case(
            "outside the window", in: day, unit(), device { $0.activatedAt = noon + 86_400_000 },
            "active-outside-window"),
        Case(
            "outside by the evidence of the pass alone", in: day,
            unit { $0.activatedAt = noon + 86_400_000 }, fresh(.online), "active-outside-window"),
        Case("another DeviceSecret", unit(), device { $0.secretDigest = "e" }, "reset-without-record"),
        Case(
            "another DeviceSecret after a recorded reset", unit { ($0.isReset, $0.state) = (true, .failed) },
            device { $0.secretDigest = "e" }, "active-not-passed", "held"),
        Case("no DeviceSecret shown", unit(), device { $0.secretDigest = nil }, "ok"),
        Case("passed, gone", unit(), nil, "deleted-in-cloud"),
        Case(
            "passed, asked for and gone", unit(), CloudName(key: "a1", askedAt: 1, isAbsent: true), "deleted-in-cloud"),
        Case(
            "flashed, not there", unit { ($0.iotID, $0.state) = (nil, .failed) }, nil, "flashed-not-registered", "held"),
        Case(
            "done without pre-registration, not there", in: noPre, unit { ($0.iotID, $0.state) = (nil, .done) }, nil,
            "not-activated-by-plan"),
        Case(
            "done, not there", unit { ($0.iotID, $0.state) = (nil, .done) }, nil, "flashed-not-registered",
            "not-activated-by-plan"),
        Case("passed, not active", unit(), fresh(), "passed-not-active"),
        Case("done, not active", unit { $0.state = .done }, fresh(), "not-activated-by-plan"),
        Case("done, active", unit { $0.state = .done }, device(), "active-not-passed", "not-activated-by-plan"),
        Case(
            "done, active, decided", unit { ($0.state, $0.isDecided) = (.done, true) }, device(),
            "not-activated-by-plan"),
        Case("failed, active", unit { $0.state = .failed }, device(), "active-not-passed", "held"),
        Case("in a run, active", unit { ($0.state, $0.isRunning) = (.claimed, true) }, device(), "held"),
        Case(
            "claimed, never flashed", unit { ($0.state, $0.isFlashed) = (.failed, false) }, fresh(),
            "registered-never-flashed", "held"),
        Case("failed, flashed, not active", unit { $0.state = .failed }, fresh(), "held"),
        Case("waiting for its activation", unit { $0.state = .awaitingActivation }, fresh(), "held"),
        Case("packed, nobody's", in: boxes, nil, nil, packed: 1, "packed-unknown"),
        Case("packed twice, nobody's", in: boxes, nil, nil, packed: 2, "packed-unknown", "packed-twice"),
        Case(
            "packed, another order's", in: boxes, unit { $0.order = "WO-0002" }, device(), packed: 1, "packed-unknown"),
        Case(
            "packed, from before", in: boxes, JournalName(key: "a1", isBaseline: true), nil, packed: 1, "packed-unknown"
        ),
        Case(
            "packed, listed and never placed", in: boxes, listed, fresh(), packed: 1, "registered-never-flashed",
            "packed-unknown"),
        Case("packed twice", in: boxes, unit(), device(), packed: 2, "packed-twice"),
        Case("packed once", in: boxes, unit(), device(), packed: 1, "ok"),
        Case(
            "packed, on hold", in: boxes, unit { $0.state = .held }, fresh(), packed: 1, "packed-not-passed", "held"),
        Case(
            "packed, scrapped", in: boxes, unit { $0.state = .scrapped }, nil, packed: 1, "packed-not-passed",
            "scrapped"),
        Case("passed, not packed", in: boxes, unit(), device(), "passed-not-packed"),
        Case(
            "done, not packed", in: boxes, unit { $0.state = .done }, fresh(), "passed-not-packed",
            "not-activated-by-plan"),
        Case("done, packed", in: boxes, unit { $0.state = .done }, fresh(), packed: 1, "not-activated-by-plan"),
    ]

    @Test("what lies beside each other gives its class, then its notes", arguments: cases)
    func judged(_ one: Case) {
        let classes = one.rule.judge(one.journal, one.cloud, twins: one.twins, packed: one.packed)
        #expect((classes?.all ?? []).map(\.name) == one.expected)
        #expect(classes?.first?.name == one.expected.first)
    }

    @Test("every class comes out of some case as the first that fits")
    func complete() {
        let seen = Set(Self.cases.compactMap(\.expected.first))
        #expect(seen == Set(ReconcileClass.allCases.map(\.name)))
    }

    @Test("of every two classes that fit, the one printed earlier wins", arguments: ReconcileClass.allCases)
    func order(_ first: ReconcileClass) {
        for second in ReconcileClass.allCases where second.rawValue > first.rawValue {
            let classes = ReconcileClasses(second, first)
            #expect(classes.first == first)
            #expect(classes.all == [first, second])
        }
    }

    @Test(
        "names of classes read back, and each has an owner and words in both languages",
        arguments: ReconcileClass.allCases)
    func words(_ found: ReconcileClass) {
        #expect(ReconcileClass(name: found.name) == found)
        #expect(!found.zh.isEmpty && !found.en.isEmpty)
        let closed: Set<String> = ["replaced", "scrapped", "not-activated-by-plan", "ok"]
        #expect(found.isOpen == !closed.contains(found.name))
    }

    @Test("an open row says what is to be done, and no other row does", arguments: cases)
    func action(_ one: Case) {
        guard let classes = one.rule.judge(one.journal, one.cloud, twins: one.twins, packed: one.packed) else { return }
        let match = ReconcileMatch(
            journal: one.journal, cloud: one.cloud,
            packed: one.packed > 0 ? PackedName(key: "a1", lines: Array(1...one.packed)) : nil, classes: classes)
        #expect((match.action("a1Product") != nil) == match.first.isOpen)
        let row = match.json(productKey: "a1Product", hasPackingList: one.rule.hasPackingList)
        #expect(row["open"].bool == match.first.isOpen)
        #expect((try? JSONValue(parsing: row.text)) == row)
    }

    @Test("a leak's row says how the switch is closed")
    func leak() {
        let match = ReconcileMatch(journal: nil, cloud: Self.device(), classes: ReconcileClasses(.activeNotOurs))
        let action = match.action("a1Product")
        #expect(action?.zh.contains("关闭动态注册") == true && action?.en.contains("a1Product") == true)
    }
}

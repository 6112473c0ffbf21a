/// What a name came out as when journal, cloud and packing list were laid beside each other.
///
/// The cases stand in the order in which they are tested: the first that fits is the row's class, the others are its
/// notes. What a packing list shows is tested before the classes that end a row as accounted for, so that nothing that was
/// packed by mistake hides behind one of them.
public enum ReconcileClass: UInt32, Sendable, CaseIterable {
    /// A leak: active, and no unit, list, baseline of the journal explains it.
    case activeNotOurs
    case oneNameTwoBoards
    case oneBoardTwoNames
    case duplicateClientIDs
    case activeBeforeFlash
    case activeOutsideWindow
    case resetWithoutRecord
    case deletedInCloud
    case flashedNotRegistered
    case passedNotActive
    case activeNotPassed
    /// A ghost.
    case registeredNeverFlashed
    case packedUnknown
    case packedTwice
    case packedNotPassed
    case passedNotPacked
    case replaced, scrapped
    /// On hold, or not concluded in another way: failed, waiting for its activation, or in a run.
    case held
    case notActivatedByPlan
    case ok

    /// As rows, records and commands name it: `active-not-ours`.
    public var name: String { Self.names[Int(rawValue)] }

    public init?(name: String) {
        guard let place = Self.names.firstIndex(of: name) else { return nil }
        self = Self.allCases[place]
    }

    private static let names = [
        "active-not-ours", "one-name-two-boards", "one-board-two-names", "duplicate-client-ids",
        "active-before-flash", "active-outside-window", "reset-without-record", "deleted-in-cloud",
        "flashed-not-registered", "passed-not-active", "active-not-passed", "registered-never-flashed",
        "packed-unknown", "packed-twice", "packed-not-passed", "passed-not-packed",
        "replaced", "scrapped", "held", "not-activated-by-plan",
        "ok",
    ]

    /// Who has to do something about it.
    public enum Owner: String, Sendable, CaseIterable { case leader, engineer, owner, it }

    public var owner: Owner {
        switch self {
        case .activeNotOurs, .activeOutsideWindow: .owner
        case .resetWithoutRecord, .duplicateClientIDs, .activeBeforeFlash: .engineer
        case .oneNameTwoBoards, .oneBoardTwoNames, .deletedInCloud, .flashedNotRegistered, .passedNotActive,
            .activeNotPassed, .registeredNeverFlashed, .packedUnknown, .packedTwice, .packedNotPassed,
            .passedNotPacked, .replaced, .scrapped, .held, .notActivatedByPlan, .ok:
            .leader
        }
    }

    /// Whether a row of this class keeps its batch from closing.
    public var isOpen: Bool {
        switch self {
        case .replaced, .scrapped, .notActivatedByPlan, .ok: false
        default: true
        }
    }

    /// Whether what the cloud said has a part in it.
    public var dependsOnCloud: Bool {
        switch self {
        case .oneNameTwoBoards, .oneBoardTwoNames, .packedUnknown, .packedTwice, .packedNotPassed, .passedNotPacked,
            .replaced, .scrapped, .held, .notActivatedByPlan, .ok:
            false
        default: true
        }
    }

    public var zh: String {
        switch self {
        case .activeNotOurs: "已激活但非本站（泄漏）"
        case .oneNameTwoBoards: "一名两板"
        case .oneBoardTwoNames: "一板两名"
        case .duplicateClientIDs: "ClientID 重复"
        case .activeBeforeFlash: "烧录前已激活"
        case .activeOutsideWindow: "在生产窗口外激活"
        case .resetWithoutRecord: "无记录的重置"
        case .deletedInCloud: "云端已删除"
        case .flashedNotRegistered: "已烧录未注册"
        case .passedNotActive: "合格但云端未激活"
        case .activeNotPassed: "云端已激活但未合格"
        case .registeredNeverFlashed: "已注册从未烧录（幽灵）"
        case .packedUnknown: "装箱但不属于本工单"
        case .packedTwice: "重复装箱"
        case .packedNotPassed: "未合格却已装箱"
        case .passedNotPacked: "合格未装箱"
        case .replaced: "已更换"
        case .scrapped: "已报废"
        case .held: "暂停或未了结"
        case .notActivatedByPlan: "按计划不激活"
        case .ok: "相符"
        }
    }

    public var en: String {
        switch self {
        case .activeNotOurs: "active, not ours (leak)"
        case .oneNameTwoBoards: "one name, two boards"
        case .oneBoardTwoNames: "one board, two names"
        case .duplicateClientIDs: "duplicate ClientIDs"
        case .activeBeforeFlash: "active before it was flashed"
        case .activeOutsideWindow: "active outside the window"
        case .resetWithoutRecord: "reset without a record"
        case .deletedInCloud: "deleted in the cloud"
        case .flashedNotRegistered: "flashed, not registered"
        case .passedNotActive: "passed, not active"
        case .activeNotPassed: "active, not passed"
        case .registeredNeverFlashed: "registered, never flashed (ghost)"
        case .packedUnknown: "packed, not of this order"
        case .packedTwice: "packed twice"
        case .packedNotPassed: "packed, not passed"
        case .passedNotPacked: "passed, not packed"
        case .replaced: "replaced"
        case .scrapped: "scrapped"
        case .held: "on hold or not concluded"
        case .notActivatedByPlan: "not activated by plan"
        case .ok: "agrees"
        }
    }
}

/// All classes that fit one name; the first in the order of tests is the row's.
public struct ReconcileClasses: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public init(_ classes: ReconcileClass...) {
        self = classes.reduce(into: []) { $0.insert($1) }
    }

    public mutating func insert(_ value: ReconcileClass) { self = Self(rawValue: rawValue | Self.bit(value)) }
    public func contains(_ value: ReconcileClass) -> Bool { rawValue & Self.bit(value) != 0 }

    /// The first in the order of tests; nil where none fits.
    public var first: ReconcileClass? {
        ReconcileClass(rawValue: UInt32(rawValue.trailingZeroBitCount))
    }

    /// In the order of tests.
    public var all: [ReconcileClass] { ReconcileClass.allCases.filter(contains) }

    /// The open ones in which what the cloud said has a part.
    public static let cloudBound = ReconcileClass.allCases.filter { $0.isOpen && $0.dependsOnCloud }.reduce(
        into: ReconcileClasses()
    ) { $0.insert($1) }

    private static func bit(_ value: ReconcileClass) -> UInt32 { 1 << value.rawValue }
}

import Journal
import Provisioning
import Reports

/// A kind of name that is planted; each comes out as one class, or as no row.
enum Plant: String, CaseIterable {
    case agrees = "ok"
    case leak = "active-not-ours"
    case twoBoards = "one-name-two-boards"
    case twoNames = "one-board-two-names"
    case beforeFlash = "active-before-flash"
    case outside = "active-outside-window"
    case reset = "reset-without-record"
    case deleted = "deleted-in-cloud"
    case notRegistered = "flashed-not-registered"
    case notActive = "passed-not-active"
    case notPassed = "active-not-passed"
    case ghost = "registered-never-flashed"
    case packedUnknown = "packed-unknown"
    case packedTwice = "packed-twice"
    case packedNotPassed = "packed-not-passed"
    case notPacked = "passed-not-packed"
    case replaced, scrapped, held
    case byPlan = "not-activated-by-plan"
    case otherOrder, baseline, stopped
}

/// Names of all kinds, and what is to come out of them.
struct PlantedFloor {
    static let noon: Int64 = 1_793_520_000_000
    static let rule = ReconcileRule(
        order: "WO-0001", window: ProductionWindow("2026-11-01T00:00:00Z/2026-11-02T00:00:00Z"), hasPackingList: true)

    private(set) var journal: [JournalName] = []
    private(set) var cloud: [CloudName] = []
    private(set) var packed: [PackedName] = []
    private(set) var expected: [String: String] = [:]

    var sorted: (journal: [JournalName], cloud: [CloudName], packed: [PackedName]) {
        (journal.sorted { $0.key < $1.key }, cloud.sorted { $0.key < $1.key }, packed.sorted { $0.key < $1.key })
    }

    mutating func add(_ plant: Plant, number: Int) {
        // Names far apart and in another order than they were added in.
        let key = String(UInt32(truncatingIfNeeded: number &* 2_654_435_761) | 0x8000_0000, radix: 16) + "-\(number)"
        var unit = JournalName(
            key: key, unit: Int64(number), order: "WO-0001", identity: key, state: .passed, iotID: "i-\(number)",
            isFlashed: true, lookedAt: Self.noon, activatedAt: Self.noon + 60_000, secretDigest: "d-\(number)")
        var device = CloudName(
            key: key, iotID: "i-\(number)", state: .offline, activatedAt: Self.noon + 60_000,
            secretDigest: "d-\(number)")
        var (lines, hasUnit, hasDevice) = ([number], true, true)
        func inactive() { (device.state, device.activatedAt) = (.unactive, nil) }
        switch plant {
        case .agrees: break
        case .leak: (hasUnit, lines) = (false, [])
        case .twoBoards: unit.clash = .name
        case .twoNames: unit.clash = .board
        case .beforeFlash: device.activatedAt = Self.noon - 5000
        case .outside: device.activatedAt = Self.noon + 86_400_000
        case .reset: device.secretDigest = "other"
        case .deleted: hasDevice = false
        case .notRegistered: (unit.iotID, unit.state, hasDevice, lines) = (nil, .failed, false, [])
        case .notActive: inactive()
        case .notPassed: (unit.state, lines) = (.failed, [])
        case .ghost:
            unit = JournalName(key: key, order: "WO-0001", iotID: "i-\(number)", isListed: true)
            inactive()
            lines = []
        case .packedUnknown: (hasUnit, hasDevice) = (false, false)
        case .packedTwice: lines.append(number + 1)
        case .packedNotPassed:
            unit.state = .held
            inactive()
        case .notPacked: lines = []
        case .replaced: (unit.state, hasDevice, lines) = (.replaced, false, [])
        case .scrapped: (unit.state, hasDevice, lines) = (.scrapped, false, [])
        case .held:
            unit.state = .held
            inactive()
            lines = []
        case .byPlan:
            unit.state = .done
            inactive()
        case .otherOrder: (unit.order, lines) = ("WO-0002", [])
        case .baseline: (unit, lines) = (JournalName(key: key, isBaseline: true), [])
        case .stopped: (hasUnit, device.state, lines) = (false, .disable, [])
        }
        if hasUnit { journal.append(unit) }
        if hasDevice { cloud.append(device) }
        if !lines.isEmpty { packed.append(PackedName(key: key, lines: lines)) }
        switch plant {
        case .otherOrder, .baseline, .stopped: break
        default: expected[key] = plant.rawValue
        }
    }
}

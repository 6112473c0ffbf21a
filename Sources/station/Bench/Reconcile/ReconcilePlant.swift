import Journal
import Provisioning
import Reports

/// One name of the measurement: what the journal and the cloud say of it, and the class it was planted as.
struct ReconcilePlant {
    /// What is planted, in equal shares; the rest agrees.
    static let kinds: [ReconcileClass] = [
        .activeNotOurs, .oneNameTwoBoards, .oneBoardTwoNames, .duplicateClientIDs, .activeBeforeFlash,
        .activeOutsideWindow, .resetWithoutRecord, .deletedInCloud, .flashedNotRegistered, .passedNotActive,
        .activeNotPassed, .registeredNeverFlashed, .replaced, .scrapped, .held, .notActivatedByPlan,
    ]
    static let order = "WO-0001"
    static let productKey = "a1Reconcile"
    /// 2026-11-01T08:00:00Z, when the boards were first looked at.
    static let looked: Int64 = 1_793_520_000_000
    static let window = "2026-11-01T00:00:00Z/2026-11-02T00:00:00Z"
    /// One name in so many differs.
    static let share: UInt64 = 50

    let kind: ReconcileClass
    let journal: JournalName?
    let cloud: CloudName?

    /// The name with that number; numbers and names have one order.
    init(_ number: Int) {
        let mixed = Self.mix(UInt64(number))
        let isPlanted = mixed.isMultiple(of: Self.share)
        kind = isPlanted ? Self.kinds[Int((mixed / Self.share) % UInt64(Self.kinds.count))] : .ok
        let digits = String(number, radix: 16, uppercase: true)
        let name = "7CDF" + String(repeating: "0", count: 8 - digits.count) + digits
        // As long as the platform's.
        let iotID = "Q7uOhVRdZRRl" + String(mixed, radix: 36) + "00"
        let activated = Self.looked + 60_000 + Int64(mixed % 3_600_000)
        let digest = Self.hex(mixed) + Self.hex(mixed &* 3) + Self.hex(mixed &* 5) + Self.hex(mixed &* 7)
        var unit = JournalName(
            key: name.lowercased(), name: name, unit: Int64(number), order: Self.order, identity: name, state: .passed,
            iotID: iotID, isFlashed: true, lookedAt: Self.looked, activatedAt: activated, secretDigest: digest)
        var device = CloudName(
            key: name.lowercased(), name: name, iotID: iotID, state: .offline, createdAt: Self.looked,
            secretDigest: digest)
        var (hasUnit, hasDevice) = (true, true)
        switch kind {
        case .activeNotOurs: hasUnit = false
        case .oneNameTwoBoards: unit.clash = .name
        case .oneBoardTwoNames: unit.clash = .board
        case .duplicateClientIDs: (unit.clientID, device.clientIDs) = ("kept", ["kept", "other"])
        case .activeBeforeFlash: device.activatedAt = Self.looked - 1
        case .activeOutsideWindow: device.activatedAt = Self.looked + 86_400_000
        case .resetWithoutRecord: device.secretDigest = Self.hex(~mixed)
        case .deletedInCloud: hasDevice = false
        case .flashedNotRegistered: (unit.state, unit.iotID, unit.activatedAt, hasDevice) = (.failed, nil, nil, false)
        case .passedNotActive: device.state = .unactive
        case .activeNotPassed: unit.state = .failed
        case .registeredNeverFlashed:
            (unit.unit, unit.identity, unit.state, unit.isListed, unit.isFlashed) = (nil, nil, nil, true, false)
            (unit.lookedAt, unit.activatedAt, unit.secretDigest, device.state) = (nil, nil, nil, .unactive)
        case .replaced: (unit.state, hasDevice) = (.replaced, false)
        case .scrapped: (unit.state, hasDevice) = (.scrapped, false)
        case .held: (unit.state, unit.activatedAt, unit.secretDigest, device.state) = (.held, nil, nil, .unactive)
        case .notActivatedByPlan:
            (unit.state, unit.activatedAt, unit.secretDigest, device.state) = (.done, nil, nil, .unactive)
        default: break
        }
        journal = hasUnit ? unit : nil
        cloud = hasDevice ? device : nil
    }

    /// SplitMix64 of one number.
    private static func mix(_ number: UInt64) -> UInt64 {
        var mixed = number &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

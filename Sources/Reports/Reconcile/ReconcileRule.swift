public import Journal
public import Provisioning

/// Which classes fit a name, by what journal, cloud and packing list say of it; without I/O.
///
/// Everything it asks for stands in the three values, so that the same classes come out of an archive.
public struct ReconcileRule: Sendable {
    /// The order that is reconciled.
    public let order: String
    public let registration: RegistrationMode
    /// When the order's devices may become active.
    public let window: ProductionWindow?
    /// The same in milliseconds since 1970.
    private let span: Range<Int64>?
    /// Whether there is a packing list.
    public let hasPackingList: Bool
    /// The product's reserved name, which is registered and never connected.
    public let probeName: String

    public init(
        order: String, registration: RegistrationMode = .preRegistered, window: ProductionWindow? = nil,
        hasPackingList: Bool = false, probeName: String = ""
    ) {
        (self.order, self.registration, self.window) = (order, registration, window)
        (self.hasPackingList, self.probeName) = (hasPackingList, probeName.lowercased())
        span = window.flatMap { window in
            guard let from = UTCTime.milliseconds(window.from), let until = UTCTime.milliseconds(window.until) else {
                return nil
            }
            return from..<until
        }
    }

    /// - Parameters:
    ///   - twins: whether the cloud has more devices whose names differ from this one's by case alone.
    ///   - packed: how often it stands on the packing list.
    /// - Returns: every class that fits, empty where there is nothing to tell: a listed name that was active and is stopped;
    ///   nil where the name does not concern the order.
    public func judge(
        _ journal: JournalName?, _ cloud: CloudName?, twins: Bool = false, packed: Int = 0
    ) -> ReconcileClasses? {
        let cloud = cloud?.isAbsent == true ? nil : cloud
        guard let journal, journal.unit != nil || journal.isListed else {
            // On the list of another order that is not done yet.
            if let other = journal?.order, other != order, packed == 0 { return nil }
            return stranger(cloud, isBaseline: journal?.isBaseline == true, packed: packed)
        }
        guard journal.order == order else {
            // It belongs to another order; packed here it is in the wrong box.
            return packed > 0 ? ReconcileClasses(.packedUnknown) : nil
        }
        return journal.unit == nil
            ? listed(journal, cloud, packed: packed) : unit(journal, cloud, twins: twins, packed: packed)
    }

    /// Whether a unit of the order and its device surely agree: a quick look at the common case. What it does not take
    /// may still agree; ``judge(_:_:twins:packed:)`` tells.
    func agree(_ journal: borrowing JournalName, _ cloud: borrowing CloudName) -> Bool {
        guard journal.state == .passed, journal.isFlashed, journal.clash == nil, !hasPackingList,
            cloud.clientIDs == nil, !cloud.isAbsent, cloud.isLive, journal.order == order,
            journal.iotID == cloud.iotID, journal.secretDigest == cloud.secretDigest,
            let activated = cloud.activatedAt ?? journal.activatedAt, activated >= journal.lookedAt ?? activated
        else { return false }
        return span.map { $0.contains(activated) } ?? true
    }

    /// A name that no order of the journal explains.
    private func stranger(_ cloud: CloudName?, isBaseline: Bool, packed: Int) -> ReconcileClasses? {
        var classes = ReconcileClasses()
        if let cloud, !isBaseline {
            if cloud.isLive {
                classes.insert(.activeNotOurs)
            } else if cloud.isActive == false, cloud.key != probeName {
                classes.insert(.registeredNeverFlashed)
            }
        }
        if packed > 0 { classes.insert(.packedUnknown) }
        if packed > 1 { classes.insert(.packedTwice) }
        return classes.isEmpty ? nil : classes
    }

    /// A name that the order's list created in advance and that no board was claimed under.
    private func listed(_ journal: JournalName, _ cloud: CloudName?, packed: Int) -> ReconcileClasses {
        var classes = ReconcileClasses()
        if let cloud {
            if cloud.isLive { classes.insert(.activeNotOurs) }
            if isOther(cloud, than: journal) { classes.insert(.deletedInCloud) }
            if cloud.isActive != true { classes.insert(.registeredNeverFlashed) }
        } else {
            classes.insert(.deletedInCloud)
        }
        if packed > 0 { classes.insert(.packedUnknown) }
        if packed > 1 { classes.insert(.packedTwice) }
        return classes
    }

    private func unit(_ journal: JournalName, _ cloud: CloudName?, twins: Bool, packed: Int) -> ReconcileClasses {
        var classes = ReconcileClasses()
        let state = journal.state ?? .claimed
        let isGivenUp = state == .scrapped || state == .replaced
        let isOther = cloud.map { self.isOther($0, than: journal) } ?? false

        if twins { classes.insert(.oneNameTwoBoards) }
        switch journal.clash {
        case .name: classes.insert(.oneNameTwoBoards)
        case .board: classes.insert(.oneBoardTwoNames)
        case nil: break
        }
        if let cloud {
            if isGivenUp {
                if cloud.isLive { classes.insert(.activeNotOurs) }
            } else if isOther {
                classes.insert(.deletedInCloud)
                if cloud.isLive { classes.insert(.activeNotOurs) }
            } else {
                compare(journal, state, cloud, &classes)
            }
        } else if !isGivenUp {
            if journal.iotID != nil {
                classes.insert(.deletedInCloud)
            } else if journal.isFlashed, state != .done || registration == .preRegistered {
                classes.insert(.flashedNotRegistered)
            }
        }
        if hasPackingList { pack(state, packed, &classes) }
        switch state {
        case .replaced: classes.insert(.replaced)
        case .scrapped: classes.insert(.scrapped)
        case .held, .claimed, .failed, .awaitingActivation: classes.insert(.held)
        case .done: classes.insert(.notActivatedByPlan)
        case .passed: if classes.isEmpty { classes.insert(.ok) }
        }
        return classes
    }

    /// A unit beside its own device.
    private func compare(
        _ journal: JournalName, _ state: BoardUnit.State, _ cloud: CloudName, _ classes: inout ReconcileClasses
    ) {
        if let found = cloud.clientIDs {
            // Each boot since the last one was settled may have made one.
            let unknown = found.count { $0 != journal.clientID }
            if unknown > journal.looseBoots { classes.insert(.duplicateClientIDs) }
            if state == .passed, found.isEmpty { classes.insert(.passedNotActive) }
        }
        let isActive = cloud.isActive
        if isActive == true {
            let activated = cloud.activatedAt ?? journal.activatedAt
            if !journal.isDecided {
                if !journal.isFlashed, !journal.isRunning { classes.insert(.activeBeforeFlash) }
                if let activated {
                    if let looked = journal.lookedAt, activated < looked { classes.insert(.activeBeforeFlash) }
                    if let span, !span.contains(activated) { classes.insert(.activeOutsideWindow) }
                }
            }
            let isExplained = state == .passed || journal.isRunning || (state == .done && journal.isDecided)
            if !isExplained { classes.insert(.activeNotPassed) }
        } else {
            if state == .passed, isActive == false { classes.insert(.passedNotActive) }
            if !journal.isFlashed, !journal.isRunning { classes.insert(.registeredNeverFlashed) }
        }
        if let before = journal.secretDigest, let now = cloud.secretDigest, before != now, !journal.isReset {
            classes.insert(.resetWithoutRecord)
        }
    }

    private func pack(_ state: BoardUnit.State, _ packed: Int, _ classes: inout ReconcileClasses) {
        let isGood = state == .passed || state == .done
        if packed > 1 { classes.insert(.packedTwice) }
        if packed > 0, !isGood { classes.insert(.packedNotPassed) }
        if packed == 0, isGood { classes.insert(.passedNotPacked) }
    }

    /// Whether the cloud's device is another one than the journal registered: deleted and made again.
    private func isOther(_ cloud: CloudName, than journal: JournalName) -> Bool {
        guard let known = journal.iotID, !cloud.iotID.isEmpty else { return false }
        return known != cloud.iotID
    }
}

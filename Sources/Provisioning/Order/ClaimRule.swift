/// The decision at the claim: what a board just read may do, given what the journal knows.
///
/// Pure: the journal calls it inside the transaction that binds the claim, so that nothing can come between.
public struct ClaimRule: Sendable {
    /// What was read from the board and what it would be claimed for.
    public struct Request: Sendable {
        public let order: String
        public let identity: Identity
        public let uid: HardwareUID
        /// The board's base MAC where it has one, whatever its identity is.
        public let mac: MACAddress?
        /// Addresses one board takes from its MAC on (4 on ESP32), at least 1.
        public let macBlock: Int
        public let deviceName: DeviceName
        /// Whether the UID tells apart two boards that carry one identity: by its source and by the board profile.
        public let isUIDIndependent: Bool
        /// The SIM card in the board; nil = none is read.
        public let iccid: String?
        /// The unit tag the board carries; nil = it carries none.
        public let tag: String?
        /// A random tag for a unit that is new; nil = the board's profile has no place for one.
        public let newTag: String?

        public init(
            order: String, identity: Identity, uid: HardwareUID, mac: MACAddress?, macBlock: Int,
            deviceName: DeviceName, isUIDIndependent: Bool, iccid: String? = nil, tag: String? = nil,
            newTag: String? = nil
        ) {
            (self.order, self.identity, self.uid, self.mac) = (order, identity, uid, mac)
            (self.macBlock, self.deviceName) = (max(1, macBlock), deviceName)
            self.isUIDIndependent = isUIDIndependent && uid.isIndependent
            (self.iccid, self.tag, self.newTag) = (iccid, tag, newTag)
        }

        /// Whether the board is proved to be the one the unit was made from.
        func isProven(_ unit: BoardUnit) -> Bool { isUIDIndependent || (tag != nil && tag == unit.tag) }
    }

    /// What the journal found that could collide, read in the same transaction.
    public struct Known: Sendable {
        /// The unit that already carries this identity.
        public var byIdentity: BoardUnit?
        /// The unit that already carries this UID.
        public var byUID: BoardUnit?
        /// Another unit whose MAC block overlaps this one's.
        public var byMACBlock: BoardUnit?
        /// Another unit with this DeviceName (case folded) in the product.
        public var byName: BoardUnit?
        /// A run of the unit that carries this identity, on any slot, which has no outcome yet.
        public var openRun: Int64?
        /// A leader's workflow of that unit which is under way.
        public var openWorkflow: Int64?
        /// Whether a flash of that unit has finished, and with it the writing of its tag.
        public var wasFlashed = false
        /// Whether the identity stands in the order's list.
        public var isListed = false
        /// Runs of that unit that failed in a step, since a leader has decided about it last.
        public var failures: [Step: Int] = [:]

        public init(
            byIdentity: BoardUnit? = nil, byUID: BoardUnit? = nil, byMACBlock: BoardUnit? = nil,
            byName: BoardUnit? = nil
        ) {
            (self.byIdentity, self.byUID) = (byIdentity, byUID)
            (self.byMACBlock, self.byName) = (byMACBlock, byName)
        }
    }

    /// What to do with the board.
    public enum Decision: Hashable, Sendable {
        /// Bind it: a new unit.
        case bind
        /// A known unit goes on.
        case again(RunMachine.Admission)
        case refuse(Failure)
    }

    /// Runs one unit may take before it is held, where its order says nothing else; at least 1.
    public let runLimit: Int

    public init(runLimit: Int = 3) { self.runLimit = max(1, runLimit) }

    /// Decides. Order of checks: collisions first, then the known unit's state, then order and quota.
    public func decide(_ request: Request, order: WorkOrder, known: Known) -> Decision {
        if let unit = known.byIdentity, unit.uid.hex != request.uid.hex {
            return .refuse(
                Failure(
                    .duplicateIdentity,
                    "identity \(request.identity) belongs to unit \(unit.id) with UID \(unit.uid), this board has UID "
                        + request.uid.hex))
        }
        if let unit = known.byIdentity, ![.held, .scrapped, .replaced].contains(unit.state),
            let failure = mark(of: request, against: unit, wasFlashed: known.wasFlashed)
        {
            return .refuse(failure)
        }
        if let unit = known.byUID, unit.identity != request.identity {
            return .refuse(
                Failure(
                    .duplicateUID,
                    "UID \(request.uid) belongs to unit \(unit.id) with identity \(unit.identity), this board reads "
                        + request.identity.value))
        }
        if let unit = known.byMACBlock {
            return .refuse(
                Failure(
                    .overlappingMAC,
                    "\(request.identity) with \(request.macBlock) addresses overlaps unit \(unit.id) (\(unit.identity))"
                ))
        }
        if let unit = known.byIdentity {
            if let workflow = known.openWorkflow {
                return .refuse(
                    Failure(.unitHeld, "unit \(unit.id) (\(unit.deviceName)): workflow \(workflow) is under way"))
            }
            return decideKnown(unit, request, order: order, known: known)
        }
        if let unit = known.byName {
            return .refuse(
                Failure(.duplicateIdentity, "DeviceName \(request.deviceName) already belongs to unit \(unit.id)"))
        }
        if let failure = refusal(by: order) { return .refuse(failure) }
        guard order.terms.identities.allows(request.identity, isListed: known.isListed) else {
            return .refuse(
                Failure(
                    .identityOutside,
                    "order \(order.id) takes \(order.terms.identities), this board reads \(request.identity)"))
        }
        guard order.left > 0 else {
            return .refuse(Failure(.quotaReached, "order \(order.id): \(order.claimed) of \(order.quota) claimed"))
        }
        return .bind
    }

    /// Why an order takes no board now; nil where it does.
    private func refusal(by order: WorkOrder) -> Failure? {
        if order.state == .open { return nil }
        guard !order.waitsForDebt else {
            return Failure(.offlineLimit, "order \(order.id) takes boards that wait for their activation, and no other")
        }
        return Failure(.orderHeld, "order \(order.id) is \(order.state.rawValue), expected open")
    }

    /// What a board of a known identity carries besides it: the tag of its first flash, its SIM card.
    private func mark(of request: Request, against unit: BoardUnit, wasFlashed: Bool) -> Failure? {
        if let tag = unit.tag, request.newTag != nil, request.tag != tag {
            // A board that failed before it was flashed carries none yet, and one whose flash was cut off may.
            let isUnmarked = request.tag == nil && (!wasFlashed || unit.flashUnknown)
            guard isUnmarked else {
                return Failure(
                    .duplicateIdentity,
                    "identity \(request.identity) belongs to unit \(unit.id) with tag \(tag), this board carries "
                        + (request.tag ?? "none"))
            }
        }
        if let iccid = unit.iccid, let found = request.iccid, found != iccid {
            return Failure(
                .simChanged, "unit \(unit.id) (\(unit.deviceName)): expected SIM \(iccid), received \(found)")
        }
        return nil
    }

    private func decideKnown(_ unit: BoardUnit, _ request: Request, order: WorkOrder, known: Known) -> Decision {
        if let openRun = known.openRun {
            return .refuse(
                Failure(.runningElsewhere, "unit \(unit.id) (\(unit.deviceName)) is in run \(openRun) on another slot"))
        }
        switch unit.state {
        case .held: return .refuse(Failure(.unitHeld, "unit \(unit.id) (\(unit.deviceName)) is on hold"))
        case _ where unit.pending != nil && unit.state.mayTakeWork: return decidePending(unit, request, order: order)
        case .passed where !request.isProven(unit), .done where !request.isProven(unit):
            // It may be the same board or a clone of its identity: nothing on it tells.
            return .refuse(
                Failure(
                    .duplicateIdentity,
                    "unit \(unit.id) (\(unit.deviceName)) is \(unit.state.rawValue), and no unique id tells whether this is "
                        + "the same board"))
        case .passed, .done:
            return .refuse(Failure(.alreadyPassed, "unit \(unit.id) (\(unit.deviceName)) is \(unit.state.rawValue)"))
        case .scrapped: return .refuse(Failure(.scrapped, "unit \(unit.id) (\(unit.deviceName)) was scrapped"))
        case .replaced: return .refuse(Failure(.replaced, "unit \(unit.id) (\(unit.deviceName)) was replaced"))
        case .claimed, .failed, .awaitingActivation: break
        }
        guard unit.order == order.id else {
            return .refuse(Failure(.otherOrder, "unit \(unit.id) belongs to \(unit.order), this slot runs \(order.id)"))
        }
        let isFinish = unit.state == .awaitingActivation && !unit.flashUnknown
        // Only by finishing boards does the debt get less.
        if let failure = refusal(by: order), !(isFinish && order.waitsForDebt) { return .refuse(failure) }
        if let failure = limit(of: unit, order: order, failures: known.failures) { return .refuse(failure) }
        let activation = order.activation(ofBoard: unit.ordinal)
        if isFinish { return .again(.finish(activation)) }
        return .again(.full(unit.flashUnknown ? .writeAll : .skipMatching, activation))
    }

    /// Why a unit may not run again, by its runs so far; nil where it may.
    private func limit(of unit: BoardUnit, order: WorkOrder, failures: [Step: Int]) -> Failure? {
        let limits = order.terms.limits
        let runs = limits.runs ?? runLimit
        guard unit.runs < runs else {
            return Failure(.runLimit, "unit \(unit.id): \(unit.runs) runs, limit \(runs)")
        }
        guard let retries = limits.stepRetries,
            let step = Step.allCases.first(where: { failures[$0, default: 0] > retries })
        else { return nil }
        return Failure(
            .runLimit,
            "unit \(unit.id): failed in \(step.rawValue) \(failures[step, default: 0]) times, retries \(retries)")
    }

    /// A unit that a leader has ordered a re-flash or reset for; its own order may be closed by now, then any open order
    /// of the product and profile serves it.
    private func decidePending(_ unit: BoardUnit, _ request: Request, order: WorkOrder) -> Decision {
        guard request.isProven(unit) else {
            return .refuse(
                Failure(
                    .notProvenSame,
                    "unit \(unit.id) (\(unit.deviceName)): no unique id tells whether this is the same board"))
        }
        guard unit.productKey == order.productKey else {
            return .refuse(
                Failure(.otherOrder, "unit \(unit.id) is of \(unit.productKey), this slot runs \(order.productKey)"))
        }
        if let failure = refusal(by: order) { return .refuse(failure) }
        if let failure = limit(of: unit, order: order, failures: [:]) { return .refuse(failure) }
        let activation: RunMachine.Activation = order.activation == .relay ? .relay : .board
        // Its device registers once; a relay would have to register for it again.
        if unit.pending == .reflash, activation == .relay, order.registration == .preRegistered,
            unit.activity != .none
        {
            return .refuse(
                Failure(
                    .alreadyActive,
                    "unit \(unit.id) (\(unit.deviceName)) has been active, and order \(order.id) relays: order a reset")
            )
        }
        return .again(
            RunMachine.Admission(
                flash: unit.pending == .reflash || unit.flashUnknown ? .writeAll : .skipMatching,
                activation: activation, resets: unit.pending == .reset))
    }
}

extension BoardUnit.State {
    /// Whether a re-flash or reset may be ordered for a unit in this state; for one on hold the leader who orders it
    /// decides by that.
    public var mayTakeWork: Bool {
        switch self {
        case .claimed, .failed, .awaitingActivation, .passed, .done, .held: true
        case .scrapped, .replaced: false
        }
    }
}

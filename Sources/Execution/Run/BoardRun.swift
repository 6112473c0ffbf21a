import AliyunIoT
import Bench
import CutPoint
import Journal
import Provisioning

/// One attempt at one board on one slot: drives ``RunMachine``, performs what it asks for, journals what comes of it.
///
/// Lives for one run on the cooperative pool; everything that blocks happens on the slot's own thread inside
/// ``BoardConnection``. It throws only when the journal cannot be written: then the station must stop.
actor BoardRun {
    let line: LineParts
    let slot: SlotSettings
    let order: WorkOrder
    let board: BoardConnection
    let show: @Sendable (@Sendable (inout SlotStatus) -> Void) -> Void

    private var machine = RunMachine()
    let clock = StepClock()
    var run: Int64 = 0
    /// The first reading of this run: every later one must be of the same board.
    var first: BoardReading?
    var identified: BoardIdentity?
    var unit: BoardUnit?
    /// What the claim allowed.
    var admission = RunMachine.Admission.full(.skipMatching)
    /// The cloud's id of the device, as the registration step proved it, or, without pre-registration, as it came into
    /// being.
    var iotID: String?
    var before: DeviceReading?
    /// When the cloud said that the device was not there, by its own clock.
    var notThereAt: String?
    /// Without pre-registration: the device's ClientIDs before the boot.
    var clientIDs: Set<String> = []
    /// What a relay was given for the board.
    var issued = RelayStep.Issued()
    /// The ClientID the unit keeps.
    var clientID: String?
    /// Keyed digest of the DeviceSecret before a reset.
    var digestBeforeReset: String?
    var isReset = false
    /// Whether the board was switched on into its firmware.
    var isBooted = false
    var evidence: ActivationEvidence?
    var report: FlashReport?
    var isFlashed = false
    /// Whether the board was given the line's network, and not yet proved rid of it.
    var hasLineNetwork = false
    /// What the board said to the questions of ``BoardProfile/shipChecks``.
    var shipped: JSONValue = nil
    /// Whether the console has told the release's version.
    var isVersionOnConsole = false
    let console: ConsoleWatch

    init(
        line: LineParts, slot: SlotSettings, order: WorkOrder, board: BoardConnection,
        show: @escaping @Sendable (@Sendable (inout SlotStatus) -> Void) -> Void
    ) {
        (self.line, self.slot, self.order, self.board, self.show) = (line, slot, order, board, show)
        let secret = try? line.desk.productSecret(order.productKey)
        console = ConsoleWatch(profile: slot.profile.console, secret: secret)
        // A board that was on the line before may print the network it knows.
        if slot.profile.network != nil, let password = try? line.settings.network?.password() { console.hide(password) }
    }

    /// How the run ended, with its number.
    struct Ending: Sendable {
        let run: Int64
        let conclusion: RunMachine.Conclusion
        /// Whether the claim asked for the board to be written.
        let isWritten: Bool
    }

    /// Runs the board to its conclusion.
    func perform() async throws -> Ending {
        run = try await line.journal.startRun(
            slot: slot.name, order: order.id, operator: line.settings.operatorOnDuty(), actor: line.settings.actor)
        let (number, order) = (run, order.id)
        show { status in
            status.run = number
            (status.word, status.order) = (.busy, order)
        }
        var concluded: RunMachine.Conclusion?
        try await withThrowingTaskGroup(of: RunMachine.Event?.self) { group in
            var actions = machine.handle(.placed)
            while true {
                for action in actions { group.addTask { try await self.perform(action) } }
                guard let event = try await group.next() else { return }
                actions = event.map { machine.handle($0) } ?? []
                if case .conclude(let conclusion)? = actions.first { concluded = conclusion }
            }
        }
        guard let concluded else { throw JournalError(.conflict, "run \(run) ended without a conclusion") }
        return Ending(run: run, conclusion: concluded, isWritten: unit != nil && admission.flash != nil)
    }

    /// Performs one action.
    /// - Returns: what happened; nil after the conclusion.
    private func perform(_ action: RunMachine.Action) async throws -> RunMachine.Event? {
        let step = action.step
        if action != .look { await begin(step) }
        do {
            let event = try await effect(of: action)
            // The relay is the first part of the activate step.
            if action != .look, action != .relay { clock.end(step) }
            return event
        } catch {
            let failure: Failure
            switch error {
            case let known as Failure: failure = known
            case is CancellationError: failure = Failure(.slotStopping, "the station is stopping")
            // Without the journal nothing may go on.
            case is JournalError: throw error
            case _ where step == .conclude: throw error
            default: failure = Failure(.internalError, "\(error)")
            }
            // Flash and verify share one call; the failure belongs to the one under way.
            if step == .flash { clock.end(.verify, result: failure.code.text) }
            clock.end(step, result: failure.code.text)
            return .failed(failure, during: step)
        }
    }

    private func effect(of action: RunMachine.Action) async throws -> RunMachine.Event? {
        switch action {
        case .identify: try await identify()
        case .claim: return try await claim()
        case .reset: try await reset()
        case .register: try await register()
        case .flash(let mode, let erases): try await flash(mode, erasesDeviceCredential: erases)
        case .look: try await look()
        case .boot: try await boot()
        case .relay: try await relay()
        case .activate: try await activate()
        case .conclude(let conclusion):
            try await conclude(conclusion)
            return nil
        }
        return action.success
    }

    // MARK: - Steps

    private func identify() async throws {
        let reading: BoardReading
        let (board, profile, follow) = (board, slot.profile, observe(.identify))
        do {
            reading = try await withThrowingTaskGroup(of: BoardReading?.self) { group in
                group.addTask {
                    try await board.identify(within: profile.budgets.connect, onEvent: follow)
                }
                group.addTask {
                    // A firmware that answers late in its time is read to the end.
                    try await Task.sleep(
                        for: profile.budgets.connect + (profile.identity.source.isApplication ? .seconds(5) : .zero))
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let reading = first else {
                    throw Failure(.noResponse, "no identity was read within \(profile.budgets.connect)")
                }
                return reading
            }
        } catch { throw fault(error, in: .identify) }
        let found = try BoardIdentity(reading, profile: slot.profile)
        (first, identified) = (reading, found)
        try await record(found, reading, phase: "identify")
        show { $0.identity = found.identity.value }
        if order.rules.labelScan { try await scanLabel(found) }
        CutPoint.reach("identify")
    }

    private func claim() async throws -> RunMachine.Event {
        guard let identified else { throw Failure(.internalError, "a claim without an identity") }
        let refusal = try await line.gate.admission(to: order.id, limit: line.settings.holdAfter, onWait: wait)
        if let refusal { throw refusal }
        let name: DeviceName
        do { name = try slot.profile.deviceName.name(for: identified.identity) } catch {
            throw Failure(.badName, error.description)
        }
        try await askMES(identified.identity, name)
        CutPoint.reach("claim.before")
        let request = ClaimRule.Request(
            order: order.id, identity: identified.identity, uid: identified.uid, mac: identified.mac,
            macBlock: slot.profile.macBlock, deviceName: name,
            isUIDIndependent: slot.profile.identity.isUIDIndependent, iccid: first?.iccid, tag: first?.tag,
            newTag: slot.profile.flash.carriesTag ? UnitTag.random() : nil)
        let result = try await line.journal.claim(
            run: run, request: request, rule: ClaimRule(runLimit: line.settings.runLimit), actor: line.settings.actor)
        CutPoint.reach("claim.after")
        switch result {
        case .refused(let failure): throw failure
        case .admitted(let unit, let admission):
            (self.unit, self.admission) = (unit, admission)
            isFlashed = admission.flash == nil
            show { $0.deviceName = unit.deviceName.text }
            return .admitted(admission)
        }
    }

    // MARK: - Small things

    func claimed() throws(Failure) -> BoardUnit {
        guard let unit else { throw Failure(.internalError, "a step before the claim") }
        return unit
    }

    func record(_ found: BoardIdentity, _ reading: BoardReading, phase: String) async throws {
        try await line.journal.recordIdentity(
            run: run, phase: phase, identity: found.identity, uid: found.uid,
            details: [
                "chip": .string(reading.chip), "mac": reading.mac.isEmpty ? nil : .string(reading.macHex),
                "uid_source": .string(reading.uidSource.rawValue),
            ], actor: line.settings.actor)
    }

    /// The failure an error of the board's line stands for. What a loader says may quote the board's console.
    func fault(_ error: any Error, in step: Step, isVerifying: Bool = false) -> Failure {
        let failure = BoardFaults.failure(error, in: step, isVerifying: isVerifying)
        return error is LoaderError ? Failure(failure.code, console.masked(failure.detail)) : failure
    }

    func patience(_ code: FailureCode) -> Patience {
        Patience(limit: line.settings.holdAfter, code: code) { [self] in await wait($0) }
    }

    func wait(_ text: String) {
        show { status in
            status.word = text.isEmpty ? .busy : .hold
            (status.message, status.messageZh) = (text, "")
        }
    }

    private func begin(_ step: Step) async {
        clock.begin(step)
        let number = run
        // Beside a flash, which has progress to show, registering stays in the background.
        if step != .register || !clock.isOpen(.flash) {
            let until = slot.profile.budgets.limit(of: step).map { ContinuousClock.now + $0 }
            show { status in
                (status.word, status.step, status.progress, status.message) = (.busy, step, nil, "")
                (status.messageZh, status.until) = ("", until)
            }
        }
        line.events.send(.step(slot: slot.name, run: number, step: step, detail: ""))
        await line.settings.beforeStep?(slot.name, step)
    }

    /// Follows the loader from the slot's thread: progress for the page, and where writing ends and verifying begins.
    func observe(_ step: Step) -> @Sendable (FlashEvent) -> Void {
        let observer = FlashObserver(slot: slot.name, run: run, line: line, clock: clock, show: show)
        return { observer.take($0) }
    }
}

extension RunMachine.Action {
    /// The step whose time the action counts to.
    fileprivate var step: Step {
        switch self {
        case .identify: .identify
        case .claim: .claim
        case .register, .reset: .register
        case .flash: .flash
        case .look, .boot: .boot
        case .relay, .activate: .activate
        case .conclude: .conclude
        }
    }

    /// The event of an action that succeeded; nil where the action itself says what happened.
    fileprivate var success: RunMachine.Event? {
        switch self {
        case .identify: .identified
        case .reset: .resetDone
        case .register: .registered
        case .flash: .flashed
        case .look: .looked
        case .boot: .booted
        case .relay: .relayed
        case .activate: .activated
        case .claim, .conclude: nil
        }
    }
}

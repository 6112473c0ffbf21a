import AliyunIoT
import Bench
import BoardProtocols
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
    }

    /// How the run ended, with its number.
    struct Ending: Sendable {
        let run: Int64
        let conclusion: RunMachine.Conclusion
    }

    /// Runs the board to its conclusion.
    func perform() async throws -> Ending {
        run = try await line.journal.startRun(slot: slot.name, order: order.id, actor: line.settings.actor)
        let number = run
        show { status in
            status.run = number
            status.word = .busy
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
        return Ending(run: run, conclusion: concluded)
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
        let (board, chip, profile, follow) = (board, chip(), slot.profile, observe(.identify))
        do {
            reading = try await withThrowingTaskGroup(of: BoardReading?.self) { group in
                group.addTask {
                    try await board.identify(
                        expecting: chip, userBlock: profile.identity.source == .efuseBlock3, onEvent: follow)
                }
                group.addTask {
                    try await Task.sleep(for: profile.budgets.connect)
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
        CutPoint.reach("claim.before")
        let request = ClaimRule.Request(
            order: order.id, identity: identified.identity, uid: identified.uid, mac: identified.mac,
            macBlock: slot.profile.macBlock, deviceName: name,
            isUIDIndependent: slot.profile.identity.isUIDIndependent)
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

    private func reset() async throws {
        let step = ResetStep(
            journal: line.journal, desk: line.desk, patience: patience(.registerCloud), run: run, unit: try claimed(),
            registration: order.registration, actor: line.settings.actor)
        digestBeforeReset = try await step.perform()
        isReset = true
        unit?.wasReset = true
    }

    private func register() async throws {
        let step = RegisterStep(
            journal: line.journal, desk: line.desk, patience: patience(.registerCloud), run: run, unit: try claimed(),
            actor: line.settings.actor)
        switch order.registration {
        case .preRegistered: iotID = try await step.perform()
        case .noPreregistration: iotID = try await step.performWithoutPreregistration()
        }
    }

    private func look() async throws {
        let unit = try claimed()
        let patience = patience(.activateCloud)
        let look = try await patience.ask {
            try await line.desk.api.lookUpDevice(
                .name(productKey: unit.productKey, deviceName: unit.deviceName.text), within: patience.oneCall)
        }
        before = look.reading
        try await line.journal.recordReading(
            run: run, unit: unit.id, phase: "before", isActive: look.reading?.isActive ?? false,
            reading: look.reading?.json ?? .null,
            details: ["request_id": .string(look.requestID), "cloud_date": .init(look.cloudDate)],
            actor: line.settings.actor)
        guard before?.iotID == iotID else {
            throw Failure(
                .deletedInCloud,
                "\(unit.deviceName): expected \(iotID.map { "IotId \($0)" } ?? "nothing there"), received "
                    + (before?.iotID ?? "nothing"))
        }
        guard before?.isActive != true || unit.activity != .none else {
            throw Failure(
                .leak,
                "\(unit.deviceName) has been active since \(before?.activatedAt ?? "before this run"), and no run of this unit "
                    + "has switched its board on")
        }
        if order.registration == .noPreregistration {
            notThereAt = look.reading == nil ? look.cloudDate : nil
            if let iotID { clientIDs = try await clientIDStep(unit).look(iotID: iotID) }
        }
    }

    func clientIDStep(_ unit: BoardUnit) -> ClientIDStep {
        ClientIDStep(
            journal: line.journal, desk: line.desk, patience: patience(.activateCloud), run: run, unit: unit,
            actor: line.settings.actor)
    }

    // MARK: - Conclude

    private func conclude(_ conclusion: RunMachine.Conclusion) async throws {
        for step in Step.allCases where step != .conclude {
            clock.end(step, result: conclusion.failure?.code.text ?? "ok")
        }
        if conclusion.outcome != .pass, conclusion.outcome != .done {
            await quiet(conclusion.failure?.code)
        }
        await board.close()
        clock.end(.conclude)
        try await line.journal.conclude(
            run: run, conclusion: conclusion, isFlashed: isFlashed, finishedWork: finishedWork, steps: clock.records,
            evidence: evidenceJSON,
            details: [
                "device_name": .init(unit?.deviceName.text), "iot_id": .init(iotID ?? unit?.iotID),
                "activation": .string(admission.activation.rawValue), "reset": resetJSON,
                "flash": report?.json ?? .null, "console": .array(console.lines.map(JSONValue.string)),
            ], actor: line.settings.actor)
    }

    /// What a leader had ordered for the unit, where this run has done it.
    private var finishedWork: PendingWork? {
        guard isFlashed, let work = unit?.pending else { return nil }
        return work == .reset && !isReset ? nil : work
    }

    /// Whether the secret changed by a reset, by its keyed digests; null where there was none or it cannot be told.
    private var resetJSON: JSONValue {
        guard isReset else { return nil }
        let after = evidence?.after.secretDigest
        let changed: JSONValue = digestBeforeReset.flatMap { old in after.map { .bool($0 != old) } } ?? .null
        return ["secret_digest_before": .init(digestBeforeReset), "secret_changed": changed]
    }

    /// Leaves a board that is not good in its loader, where it cannot connect unwatched; also while the station stops.
    private func quiet(_ code: FailureCode?) async {
        // A board that is gone needs no quiet, and its port would be waited for.
        guard code?.text.hasSuffix("-110") != true || code == .runningElsewhere else { return }
        let board = board
        do {
            try await Task {
                try await board.perform(.loader)
                try await board.settle()
            }.value
            if isBooted { await readLast(code) }
        } catch {
            line.events.send(.notice("\(slot.name): the board could not be reset into its loader: \(error)"))
        }
    }

    /// A board that ran and did not pass lies in its loader now: whether its device is active is settled here, for the
    /// leak watch. Where the cloud does not answer at once it stays open.
    private func readLast(_ code: FailureCode?) async {
        guard let unit, ![.activateCloud, .slotStopping].contains(code) else { return }
        do {
            let look = try await line.desk.api.lookUpDevice(
                .name(productKey: unit.productKey, deviceName: unit.deviceName.text), within: .seconds(5))
            try await line.journal.recordReading(
                run: run, unit: unit.id, phase: "last", isActive: look.reading.map(\.isActive) ?? false,
                reading: look.reading?.json ?? .null, actor: line.settings.actor)
        } catch {
            line.events.send(.notice("\(slot.name): the cloud was not asked once more: \(error)"))
        }
    }

    private var evidenceJSON: JSONValue {
        guard let evidence else { return nil }
        return [
            "state": .init(evidence.after.state?.rawValue), "activated_at": .init(evidence.after.activatedAt),
            "online_at": .init(evidence.after.onlineAt), "ground": .string(evidence.ground.rawValue),
            "firmware_version": .init(evidence.after.firmwareVersion), "iot_id": .string(evidence.after.iotID),
            "request_id": .string(evidence.after.requestID), "before": evidence.before?.json ?? .null,
            "secret_digest": .init(evidence.after.secretDigest), "client_id": .init(clientID),
        ]
    }

    // MARK: - Small things

    func claimed() throws(Failure) -> BoardUnit {
        guard let unit else { throw Failure(.internalError, "a step before the claim") }
        return unit
    }

    func chip() -> EspressifChip? { EspressifChip.all.first { $0.stubName == slot.profile.chip } }

    func record(_ found: BoardIdentity, _ reading: BoardReading, phase: String) async throws {
        try await line.journal.recordIdentity(
            run: run, phase: phase, identity: found.identity, uid: found.uid,
            details: ["chip": .string(reading.chip), "mac": .string(reading.macHex)], actor: line.settings.actor)
    }

    /// The failure an error of the board's line stands for. What a loader says may quote the board's console.
    func fault(_ error: any Error, in step: Step, isVerifying: Bool = false) -> Failure {
        let failure = BoardFaults.failure(error, in: step, isVerifying: isVerifying)
        guard (error as? LoaderError)?.kind == .noResponse else { return failure }
        return Failure(failure.code, console.masked(failure.detail))
    }

    func patience(_ code: FailureCode) -> Patience {
        Patience(limit: line.settings.holdAfter, code: code) { [self] in await wait($0) }
    }

    func wait(_ text: String) {
        show { status in
            status.word = text.isEmpty ? .busy : .hold
            status.message = text
        }
    }

    private func begin(_ step: Step) async {
        clock.begin(step)
        let number = run
        // Beside a flash, which has progress to show, registering stays in the background.
        if step != .register || !clock.isOpen(.flash) {
            show { status in
                (status.word, status.step, status.progress, status.message) = (.busy, step, nil, "")
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

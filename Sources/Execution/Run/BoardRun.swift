import AliyunIoT
import Bench
import BoardProtocols
import Foundation
import Journal
import Provisioning
import Synchronization

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
    private let clock = StepClock()
    private var run: Int64 = 0
    /// The first reading of this run: every later one must be of the same board.
    private var first: BoardReading?
    private var identified: BoardIdentity?
    private var unit: BoardUnit?
    private var before: DeviceReading?
    private var evidence: ActivationEvidence?
    private var report: FlashReport?
    private var isFlashed = false
    private var console = ConsoleWatch()

    init(
        line: LineParts, slot: SlotSettings, order: WorkOrder, board: BoardConnection,
        show: @escaping @Sendable (@Sendable (inout SlotStatus) -> Void) -> Void
    ) {
        (self.line, self.slot, self.order, self.board, self.show) = (line, slot, order, board, show)
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
            if action != .look { clock.end(step) }
            return event
        } catch {
            let failure: Failure
            switch error {
            case let known as Failure: failure = known
            case is CancellationError: failure = Failure(.slotStopping, "the station is stopping")
            // Only the journal is left: without it nothing may go on.
            default: throw error
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
        case .register: try await register()
        case .flash(let mode): try await flash(mode)
        case .look: try await look()
        case .boot: try await boot()
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
        do {
            reading = try await board.identify(
                expecting: chip(), userBlock: slot.profile.identity.source == .efuseBlock3, onEvent: observe(.identify))
        } catch { throw BoardFaults.failure(error, in: .identify) }
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
            macBlock: slot.profile.macBlock, deviceName: name)
        let result = try await line.journal.claim(
            run: run, request: request, rule: ClaimRule(runLimit: line.settings.runLimit), actor: line.settings.actor)
        CutPoint.reach("claim.after")
        switch result {
        case .refused(let failure): throw failure
        case .admitted(let unit, let admission):
            self.unit = unit
            isFlashed = admission == .finish
            show { $0.deviceName = unit.deviceName.text }
            return .admitted(admission)
        }
    }

    private func register() async throws {
        let step = RegisterStep(
            journal: line.journal, desk: line.desk, patience: patience(.registerCloud), run: run, unit: try claimed(),
            actor: line.settings.actor)
        _ = try await step.perform()
    }

    private func flash(_ mode: RunMachine.FlashMode) async throws {
        let unit = try claimed()
        guard let release = try await line.journal.release(profile: order.profile, version: order.release) else {
            throw Failure(.releaseChanged, "release \(order.release) of \(order.profile) is gone from the journal")
        }
        let plan: FlashPlan
        do {
            let secret: Secret?
            do { secret = try line.desk.productSecret(order.productKey) } catch {
                throw Failure(.credentialMissing, "the vault: \(error)")
            }
            plan = try FlashWork.plan(
                profile: slot.profile, images: try line.releases.images(of: release), productKey: order.productKey,
                productSecret: secret, skipMatching: mode == .skipMatching)
        } catch let error as ReleaseStore.ReleaseError {
            throw Failure(.releaseChanged, error.description)
        }
        let intent = Intent()
        do {
            let report = try await board.flash(
                plan, expecting: chip(), beforeErase: { try await self.beforeErase($0, release, intent) },
                onEvent: observe(.flash))
            try await afterFlash(report, unit, intent)
        } catch {
            let failure = BoardFaults.failure(error, in: .flash, isVerifying: clock.isOpen(.verify))
            if let error = error as? JournalError { throw error }
            if let number = intent.number {
                try await line.journal.finishIntent(
                    number, unit: unit.id, effect: .flash, isKnown: false, result: failure.code.text, details: nil,
                    actor: line.settings.actor)
            }
            throw failure
        }
    }

    /// Called with what the board in the loader says it is, just before the first erase: throws to leave it untouched.
    private func beforeErase(_ reading: BoardReading, _ release: Release, _ intent: Intent) async throws {
        try await insistOnSameBoard(reading, phase: "before-erase")
        let unit = try claimed()
        if intent.number == nil {
            intent.number = try await line.journal.beginIntent(
                run: run, unit: unit.id, effect: .flash, key: release.sha256,
                details: ["release": .string(release.version)], actor: line.settings.actor)
        }
        CutPoint.reach("erase.before")
    }

    private func afterFlash(_ report: FlashReport, _ unit: BoardUnit, _ intent: Intent) async throws {
        try await insistOnSameBoard(report.after, phase: "after-verify")
        CutPoint.reach("verify.after")
        await board.remember(baud: report.baud)
        self.report = report
        if let number = intent.number {
            try await line.journal.finishIntent(
                number, unit: unit.id, effect: .flash, isKnown: true, result: "written", details: report.json,
                actor: line.settings.actor)
        } else {
            try await line.journal.append(
                kind: .boardNoted, actor: line.settings.actor,
                body: [
                    "run": .int(run), "unit": .int(unit.id), "note": "flash already held the release",
                    "flash": report.json,
                ])
        }
        isFlashed = true
        clock.end(.verify)
    }

    private func insistOnSameBoard(_ reading: BoardReading, phase: String) async throws {
        guard let identified, let first, reading.isSameBoard(as: first) else {
            throw Failure(
                .identityChanged,
                "\(phase): expected MAC \(first?.macHex ?? "?") with UID \(first?.uidHex ?? "?"), received MAC "
                    + "\(reading.macHex) with UID \(reading.uidHex)")
        }
        try await record(identified, reading, phase: phase)
    }

    private func look() async throws {
        let unit = try claimed()
        let patience = patience(.activateCloud)
        before = try await patience.ask {
            try await line.desk.api.queryDeviceDetail(
                productKey: unit.productKey, deviceName: unit.deviceName.text, within: patience.oneCall)
        }
        try await line.journal.append(
            kind: .cloudRead, actor: line.settings.actor,
            body: [
                "run": .int(run), "unit": .int(unit.id), "phase": "before", "reading": before?.json ?? .null,
            ])
    }

    private func boot() async throws {
        let unit = try claimed()
        let intent = try await line.journal.beginIntent(
            run: run, unit: unit.id, effect: .boot, key: unit.deviceName.text, details: nil, actor: line.settings.actor)
        CutPoint.reach("boot.before")
        let result: Failure?
        do {
            result = try await bootVerdict()
        } catch { result = BoardFaults.failure(error, in: .boot) }
        CutPoint.reach("boot.after")
        try await line.journal.finishIntent(
            intent, unit: unit.id, effect: .boot, isKnown: true, result: result?.code.text ?? "ready",
            details: ["console": .array(console.lines.map(JSONValue.string))], actor: line.settings.actor)
        if let result { throw result }
    }

    /// Boots and judges the console: nil when the firmware is ready and of the right version.
    private func bootVerdict() async throws -> Failure? {
        let profile = slot.profile.console
        let patterns = try ConsolePatterns(
            ready: [.init(name: "ready", profile.ready.text)],
            failure: profile.errors.map { .init(name: $0.code.text, $0.pattern.text) })
        let watch = console
        let reading = try await board.boot(patterns, within: slot.profile.budgets.boot) { watch.note($0) }
        switch reading.verdict {
        case .ready: break
        case .failure(let match):
            return Failure(FailureCode(known: match.pattern) ?? .notReady, "the console says \"\(match.line)\"")
        case .noMatch:
            return Failure(
                .notReady, "no ready line within \(slot.profile.budgets.boot); last: \"\(reading.lines.last ?? "")\"")
        case .silent: return Failure(.notReady, "the console stayed silent for \(slot.profile.budgets.boot)")
        }
        guard let pattern = profile.version,
            let version = reading.lines.lazy.compactMap({ pattern.capture(in: $0) }).first, version != order.release
        else { return nil }
        return Failure(.wrongVersion, "the firmware says version \(version), expected \(order.release)")
    }

    private func activate() async throws {
        let unit = try claimed()
        CutPoint.reach("activate.before")
        let step = ActivateStep(
            journal: line.journal, desk: line.desk, gate: line.gate, patience: patience(.activateCloud),
            settings: line.settings, run: run, unit: unit, version: order.release,
            budget: slot.profile.budgets.activate,
            before: before, console: console)
        let (watch, board) = (console, board)
        evidence = try await withThrowingTaskGroup(of: ActivationEvidence?.self) { group in
            // The console is read on, so that a refusal the board reports is seen and a board that goes is noticed.
            group.addTask {
                do {
                    let nothing = try ConsolePatterns(ready: [])
                    while !Task.isCancelled {
                        _ = try await board.readConsole(nothing, within: .seconds(1)) { watch.note($0) }
                    }
                } catch {
                    if !Task.isCancelled { watch.lose() }
                }
                return nil
            }
            group.addTask { try await step.perform() }
            defer { group.cancelAll() }
            while let next = try await group.next() {
                if let next { return next }
            }
            return nil
        }
        CutPoint.reach("activate.after")
    }

    // MARK: - Conclude

    private func conclude(_ conclusion: RunMachine.Conclusion) async throws {
        for step in Step.allCases where step != .conclude {
            clock.end(step, result: conclusion.failure?.code.text ?? "ok")
        }
        if conclusion.outcome != .pass, conclusion.outcome != .done {
            // A board that is not good is left without power, so that it cannot connect unwatched.
            try? await board.perform(.off)
        }
        await board.close()
        clock.end(.conclude)
        try await line.journal.conclude(
            run: run, conclusion: conclusion, isFlashed: isFlashed, steps: clock.records, evidence: evidenceJSON,
            details: [
                "device_name": .init(unit?.deviceName.text), "iot_id": .init(evidence?.after.iotID ?? unit?.iotID),
                "flash": report?.json ?? .null, "console": .array(console.lines.map(JSONValue.string)),
            ], actor: line.settings.actor)
    }

    private var evidenceJSON: JSONValue {
        guard let evidence else { return nil }
        return [
            "state": .init(evidence.after.state?.rawValue), "activated_at": .init(evidence.after.activatedAt),
            "online_at": .init(evidence.after.onlineAt), "ground": .string(evidence.ground.rawValue),
            "firmware_version": .init(evidence.after.firmwareVersion), "iot_id": .string(evidence.after.iotID),
            "request_id": .string(evidence.after.requestID), "before": evidence.before?.json ?? .null,
        ]
    }

    // MARK: - Small things

    private func claimed() throws(Failure) -> BoardUnit {
        guard let unit else { throw Failure(.internalError, "a step before the claim") }
        return unit
    }

    private func chip() -> EspressifChip? { EspressifChip.all.first { $0.stubName == slot.profile.chip } }

    private func record(_ found: BoardIdentity, _ reading: BoardReading, phase: String) async throws {
        try await line.journal.recordIdentity(
            run: run, phase: phase, identity: found.identity, uid: found.uid,
            details: ["chip": .string(reading.chip), "mac": .string(reading.macHex)], actor: line.settings.actor)
    }

    private func patience(_ code: FailureCode) -> Patience {
        Patience(limit: line.settings.holdAfter, code: code) { [self] in await wait($0) }
    }

    private func wait(_ text: String) {
        show { status in
            status.word = text.isEmpty ? .busy : .hold
            status.message = text
        }
    }

    private func begin(_ step: Step) async {
        clock.begin(step)
        let number = run
        show { status in
            (status.word, status.step, status.progress, status.message) = (.busy, step, nil, "")
        }
        line.events.send(.step(slot: slot.name, run: number, step: step, detail: ""))
        await line.settings.beforeStep?(slot.name, step)
    }

    /// Follows the loader from the slot's thread: progress for the page, and where writing ends and verifying begins.
    private func observe(_ step: Step) -> @Sendable (FlashEvent) -> Void {
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
        case .register: .register
        case .flash: .flash
        case .look, .boot: .boot
        case .activate: .activate
        case .conclude: .conclude
        }
    }

    /// The event of an action that succeeded; nil where the action itself says what happened.
    fileprivate var success: RunMachine.Event? {
        switch self {
        case .identify: .identified
        case .register: .registered
        case .flash: .flashed
        case .look: .looked
        case .boot: .booted
        case .activate: .activated
        case .claim, .conclude: nil
        }
    }
}

/// The number of an intent that is begun inside a callback.
private final class Intent: Sendable {
    private let value = Mutex<Int64?>(nil)
    var number: Int64? {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}

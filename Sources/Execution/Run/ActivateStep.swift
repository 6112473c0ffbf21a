import AliyunIoT
import Journal
import Provisioning

/// Waits for the cloud's proof that this board, powered on in this run, has connected.
///
/// The state is asked often and cheaply; only a state that can prove something is worth a second full reading. When the
/// board's time is over, the cause is told apart through the cloud's record and the probe name, never by registering
/// the unit's own name.
struct ActivateStep {
    let line: LineParts
    let patience: Patience
    let run: Int64
    let unit: BoardUnit
    let order: WorkOrder
    /// From ready to proof.
    let budget: Duration
    /// The IotId the registration step proved; nil without pre-registration before the first registration.
    let iotID: String?
    /// The reading while the board could not connect; nil = the cloud said it was not there.
    let before: DeviceReading?
    /// Whether the board's console has told the right version.
    let isVersionOnConsole: Bool
    /// What the board's console has shown since it booted: a refusal it reported, and whether its port is gone.
    let console: ConsoleWatch

    private var settings: LineSettings { line.settings }
    private var version: String { order.release }

    /// How long a device that has connected may take to report its firmware version, where the console has told it.
    private static let versionGrace = Duration.seconds(5)

    func perform() async throws -> ActivationEvidence {
        let ends = Ends(start: .now, budget: budget, trouble: patience.trouble)
        var proven: (evidence: ActivationEvidence, since: ContinuousClock.Instant)?
        // Refusals the board reported that have been looked into; two new ones are worth a look before its time is over.
        var explained = 0
        var polls = 0
        while true {
            polls += 1
            if let evidence = try await prove(polls) {
                if proven == nil { try await record("after", evidence.after) }
                proven = (evidence, proven?.since ?? .now)
            } else if console.isLost, proven == nil {
                throw Failure(.removedAtActivate, "the port went away before the cloud proved the activation")
            }
            if let proven {
                if try isVersionSettled(proven.evidence, waited: .now - proven.since, isOver: ends.isOver) {
                    return proven.evidence
                }
            } else if ends.isOver || console.refusals >= explained + 2 {
                if let evidence = try await explain() {
                    // The proof came at the last moment.
                    proven = (evidence, .now)
                    continue
                }
                // The switch was off and is on again.
                guard ends.restart() else {
                    throw Failure(.notActivated, "no activation, however often the switch came back")
                }
                explained = console.refusals
            }
            do { try await Task.sleep(for: settings.pollInterval) } catch {
                throw Failure(.slotStopping, "stopped while waiting for the activation")
            }
        }
    }

    /// When the board's time is over: its budget, not counting time in which the cloud could not be asked, for then the
    /// board could not connect either. However often it restarts, ten budgets end it.
    private final class Ends {
        private let budget: Duration
        private let trouble: TroubleClock
        private let latest: ContinuousClock.Instant
        private var start: ContinuousClock.Instant
        private var forgiven: Duration

        init(start: ContinuousClock.Instant, budget: Duration, trouble: TroubleClock) {
            (self.start, self.budget, self.trouble) = (start, budget, trouble)
            latest = start + budget * 10
            forgiven = trouble.total
        }

        var isOver: Bool {
            .now >= start + budget + (trouble.total - forgiven)
        }

        /// Gives the board its time once more; false when it has had ten times.
        func restart() -> Bool {
            (start, forgiven) = (.now, trouble.total)
            return .now < latest
        }
    }

    /// Whether the reported firmware version allows a pass now.
    ///
    /// A report that is the one from before the boot may be the last firmware's: it is waited out. No report at all is
    /// enough only where the board's own console has told the version.
    /// - Throws: ``Failure`` with `wrongVersion` when the board's time is over or another version was reported anew.
    private func isVersionSettled(
        _ evidence: ActivationEvidence, waited: Duration, isOver: Bool
    ) throws(Failure) -> Bool {
        let reported = evidence.after.firmwareVersion.flatMap { $0.isEmpty ? nil : $0 }
        if reported == version { return true }
        let isStale = reported == nil || reported == evidence.before?.firmwareVersion
        if isStale, isVersionOnConsole, waited > Self.versionGrace { return true }
        guard isOver || (!isStale && waited > Self.versionGrace) else { return false }
        throw Failure(.wrongVersion, "the device reports version \(reported ?? "none"), expected \(version)")
    }

    /// Asks the poller; what can prove something is read in full. A device that comes and goes between two polls of one
    /// that was active before is found by a full reading every fifth time.
    private func prove(_ poll: Int) async throws -> ActivationEvidence? {
        let evidence: ActivationEvidence? = try await patience.ask {
            guard
                case .listed(let listed) = try await line.states.state(
                    of: unit.deviceName.text, productKey: unit.productKey)
            else { return nil }
            let isNews = before?.isActive != true || poll.isMultiple(of: 5)
            guard listed.state == .online || (listed.state == .offline && isNews) else { return nil }
            guard let after = try await read() else { return nil }
            return ActivationEvidence.prove(before: before, after: after)
        }
        guard let evidence else { return nil }
        guard iotID == nil || evidence.after.iotID == iotID else {
            throw Failure(
                .deletedInCloud,
                "\(unit.deviceName): expected IotId \(iotID ?? "?"), received \(evidence.after.iotID): deleted and made again"
            )
        }
        return evidence
    }

    private func read() async throws -> DeviceReading? {
        try await line.desk.api.queryDeviceDetail(
            productKey: unit.productKey, deviceName: unit.deviceName.text, within: patience.oneCall)
    }

    private func record(_ phase: String, _ reading: DeviceReading?) async throws {
        try await line.journal.recordReading(
            run: run, unit: unit.id, phase: phase, isActive: reading?.isActive, reading: reading?.json ?? .null,
            actor: settings.actor)
    }

    /// Says why no proof came: throws the cause, unless it was the switch and it is gone (nil), or the proof has come
    /// after all.
    private func explain() async throws -> ActivationEvidence? {
        let reading = try await patience.ask { try await read() }
        try await record("not-activated", reading)
        if reading == nil, iotID != nil {
            throw Failure(.deletedInCloud, "\(unit.deviceName) is no longer there: deleted behind the station")
        }
        if let reading, iotID == nil || reading.iotID == iotID,
            let evidence = ActivationEvidence.prove(before: before, after: reading)
        {
            return evidence
        }
        if reading?.state == .disable { throw Failure(.deviceDisabled, "\(unit.deviceName) is DISABLE in the cloud") }
        guard let order = try await line.journal.order(order.id) else { return nil }
        let diagnosis = DiagnoseStep(line: line, unit: unit, order: order, patience: patience)
        let (cause, verdict) = try await diagnosis.explain(refusal)
        if case .refused(let code) = verdict {
            await patience.onWait(code.entry.en.happened)
            if let failure = try await line.gate.admission(
                to: order.id, limit: settings.holdAfter, onWait: patience.onWait)
            {
                throw failure
            }
            return nil
        }
        if let refusal = console.refusal {
            throw Failure(cause.code, "the board reports \"\(refusal)\". \(cause.sentence)")
        }
        throw Failure(
            .notActivated,
            "no activation within \(budget): the cloud shows \(reading?.state?.rawValue ?? "no state"), activated "
                + "\(reading?.activatedAt ?? "never"), last online \(reading?.onlineAt ?? "never")")
    }

    /// What the board said it was told.
    private var refusal: BoardRefusal {
        guard console.refusal != nil else { return .unknown }
        guard let code = console.refusalCode else { return .registrationOverMQTT(4) }
        return code < 100 ? .registrationOverMQTT(UInt8(clamping: code)) : .registrationOverHTTPS(code)
    }
}

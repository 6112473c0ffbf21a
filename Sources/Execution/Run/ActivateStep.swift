import AliyunIoT
import Journal
import Provisioning

/// Waits for the cloud's proof that this board, powered on in this run, has connected.
///
/// The state is asked often and cheaply; only a state that can prove something is worth a second full reading. When the
/// board's time is over, the cause is told apart through the cloud's record and the probe name, never by registering
/// the unit's own name.
struct ActivateStep {
    let journal: Journal
    let desk: CloudDesk
    let gate: OrderGate
    let patience: Patience
    let settings: LineSettings
    let run: Int64
    let unit: BoardUnit
    /// Version the release states.
    let version: String
    /// From ready to proof.
    let budget: Duration
    /// The IotId the registration step proved.
    let iotID: String
    /// The reading while the board could not connect.
    let before: DeviceReading
    /// Whether the board's console has told the right version.
    let isVersionOnConsole: Bool
    /// What the board's console has shown since it booted: a refusal it reported, and whether its port is gone.
    let console: ConsoleWatch

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

    /// Reads the cloud; a device that comes and goes between two polls is found by a full reading every fifth time.
    private func prove(_ poll: Int) async throws -> ActivationEvidence? {
        let evidence: ActivationEvidence? = try await patience.ask {
            let status = try await desk.api.getDeviceStatus(
                productKey: unit.productKey, deviceName: unit.deviceName.text, within: patience.oneCall)
            guard status.state == .online || (status.state == .offline && poll.isMultiple(of: 5)) else { return nil }
            guard let after = try await read() else { return nil }
            return ActivationEvidence.prove(before: before, after: after)
        }
        guard let evidence else { return nil }
        guard evidence.after.iotID == iotID else {
            throw Failure(
                .deletedInCloud,
                "\(unit.deviceName): expected IotId \(iotID), received \(evidence.after.iotID): deleted and made again")
        }
        return evidence
    }

    private func read() async throws -> DeviceReading? {
        try await desk.api.queryDeviceDetail(
            productKey: unit.productKey, deviceName: unit.deviceName.text, within: patience.oneCall)
    }

    private func record(_ phase: String, _ reading: DeviceReading?) async throws {
        try await journal.append(
            kind: .cloudRead, actor: settings.actor,
            body: [
                "run": .int(run), "unit": .int(unit.id), "phase": .string(phase), "reading": reading?.json ?? .null,
            ])
    }

    /// Says why no proof came: throws the cause, unless it was the switch and it is gone (nil), or the proof has come
    /// after all.
    private func explain() async throws -> ActivationEvidence? {
        let reading = try await patience.ask { try await read() }
        try await record("not-activated", reading)
        guard let reading else {
            throw Failure(.deletedInCloud, "\(unit.deviceName) is no longer there: deleted behind the station")
        }
        if reading.iotID == iotID, let evidence = ActivationEvidence.prove(before: before, after: reading) {
            return evidence
        }
        if reading.state == .disable { throw Failure(.deviceDisabled, "\(unit.deviceName) is DISABLE in the cloud") }
        guard let order = try await journal.order(unit.order) else { return nil }
        let verdict = try await gate.check(order)
        if case .refused(let code) = verdict {
            await patience.onWait(code.entry.en.happened)
            if let failure = try await gate.admission(to: order.id, limit: settings.holdAfter, onWait: patience.onWait)
            {
                throw failure
            }
            return nil
        }
        if verdict == .cannotTell, let refusal = console.refusal {
            throw Failure(.cannotTell, "the board reports \"\(refusal)\", and no probe tells switch from secret")
        }
        if let refusal = console.refusal {
            throw Failure(
                .boardRefused, "the board reports \"\(refusal)\"; switch and product credential are right by the probe")
        }
        throw Failure(
            .notActivated,
            "no activation within \(budget): the cloud shows \(reading.state?.rawValue ?? "no state"), activated "
                + "\(reading.activatedAt ?? "never"), last online \(reading.onlineAt ?? "never")")
    }
}

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
    let before: DeviceReading?
    /// What the board's console has shown since it booted: a refusal it reported, and whether its port is gone.
    let console: ConsoleWatch

    /// How long a device that has connected may take to report its firmware version before the report counts as absent.
    private static let versionGrace = Duration.seconds(5)

    /// An answer that took longer than this came after trouble.
    private static let troubled = Duration.seconds(3)

    func perform() async throws -> ActivationEvidence {
        var deadline = ContinuousClock.now + budget
        var provenSince: ContinuousClock.Instant?
        // Refusals the board reported that have been looked into; two new ones are worth a look before its time is over.
        var explained = 0
        while true {
            let asked = ContinuousClock.now
            let proof = try await prove()
            // While the cloud could not be asked the board could not connect either: that time is not the board's.
            if .now - asked > Self.troubled { deadline = .now + budget }
            if let evidence = proof {
                let reported = evidence.after.firmwareVersion.flatMap { $0.isEmpty ? nil : $0 }
                if reported == version { return evidence }
                provenSince = provenSince ?? .now
                if let provenSince, .now - provenSince > Self.versionGrace {
                    guard let reported else { return evidence }
                    throw Failure(
                        .wrongVersion, "the device reports version \(reported), expected \(version)")
                }
            } else if console.isLost {
                throw Failure(.removedAtActivate, "the port went away before the cloud proved the activation")
            }
            if ContinuousClock.now >= deadline || console.refusals >= explained + 2 {
                try await explain()
                // The switch was off and is on again: the board gets its time once more.
                deadline = .now + budget
                explained = console.refusals
            }
            do { try await Task.sleep(for: settings.pollInterval) } catch {
                throw Failure(.slotStopping, "stopped while waiting for the activation")
            }
        }
    }

    private func prove() async throws -> ActivationEvidence? {
        try await patience.ask {
            let status = try await desk.api.getDeviceStatus(
                productKey: unit.productKey, deviceName: unit.deviceName.text, within: patience.oneCall)
            guard status.state == .online || (status.state == .offline && before?.state != .offline) else { return nil }
            guard let after = try await read() else { return nil }
            return ActivationEvidence.prove(before: before, after: after)
        }
    }

    private func read() async throws -> DeviceReading? {
        try await desk.api.queryDeviceDetail(
            productKey: unit.productKey, deviceName: unit.deviceName.text, within: patience.oneCall)
    }

    /// Says why no proof came; returns only when the cause was the switch and it is gone.
    private func explain() async throws {
        let reading = try await patience.ask { try await read() }
        try await journal.append(
            kind: .cloudRead, actor: settings.actor,
            body: [
                "run": .int(run), "unit": .int(unit.id), "phase": "not-activated", "reading": reading?.json ?? .null,
            ])
        guard let reading else {
            throw Failure(.notActivated, "\(unit.deviceName) is no longer there: deleted behind the station")
        }
        if reading.state == .disable { throw Failure(.deviceDisabled, "\(unit.deviceName) is DISABLE in the cloud") }
        guard let order = try await journal.order(unit.order) else { return }
        if let code = try await gate.check(order) {
            await patience.onWait(code.entry.en.happened)
            if let failure = try await gate.admission(to: order.id, limit: settings.holdAfter, onWait: patience.onWait)
            {
                throw failure
            }
            return
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

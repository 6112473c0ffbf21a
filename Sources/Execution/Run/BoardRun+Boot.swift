import AliyunIoT
import Bench
import CutPoint
import Journal
import Provisioning

/// The boot and activate steps: power on, follow the console, wait for the cloud's proof.
extension BoardRun {
    func boot() async throws {
        let unit = try claimed()
        do {
            if let reading = try await board.confirm() { try await insistOnSameBoard(reading, phase: "before-boot") }
        } catch {
            if error is JournalError { throw error }
            // The board is still in its loader: only a port that went counts as the boot's.
            throw fault(error, in: (error as? LoaderError)?.kind == .portLost ? .boot : .flash)
        }
        // A board that has to register connects twice.
        if admission.activation == .board {
            try await line.connects.admit(unit.connectName, connects: before?.isActive == true && !isReset ? 1 : 2) {
                [self] in await wait($0)
            }
        }
        let intent = try await line.journal.beginIntent(
            .run(run), unit: unit.id, effect: .boot, key: unit.deviceName.text,
            details: ["not_there_at": .init(notThereAt), "network": .bool(admission.activation == .board)],
            actor: line.settings.actor)
        isBooted = true
        CutPoint.reach("boot.before")
        let result: Failure?
        do {
            let verdict = try await bootVerdict()
            if verdict == nil { try await identifyRunning() }
            result = verdict
        } catch let error as JournalError {
            throw error
        } catch { result = BoardFaults.failure(error, in: .boot) }
        CutPoint.reach("boot.after")
        try await line.journal.finishIntent(
            intent, unit: unit.id, effect: .boot, isKnown: true, result: result?.code.text ?? "ready",
            details: ["console": .array(console.lines.map(JSONValue.string))], actor: line.settings.actor)
        if let result { throw result }
        if admission.activation == .board { try await joinNetwork() }
    }

    /// The second reading: of the board that runs, before it may connect.
    private func identifyRunning() async throws {
        guard let reading = try await board.confirmRunning(within: slot.profile.budgets.connect) else { return }
        try await insistOnSameBoard(reading, phase: "after-boot")
    }

    /// Boots and judges the console: nil when the firmware is ready and of the right version.
    private func bootVerdict() async throws -> Failure? {
        let (failure, isNoisy) = try await bootOnce()
        // Noise may have spoilt the ready line or the version: the board gets a second boot before it is blamed.
        return failure != nil && isNoisy ? try await bootOnce().failure : failure
    }

    private func bootOnce() async throws -> (failure: Failure?, isNoisy: Bool) {
        let (watch, profile) = (console, slot.profile)
        let reading = try await board.boot(profile.console, within: profile.budgets.boot) { watch.note($0) }
        let isNoisy = reading.lines.contains { $0.contains("\\x") }
        switch reading.verdict {
        case .failure(let code, let line):
            return (Failure(code, "the console says \"\(console.masked(line))\""), isNoisy)
        case .noMatch:
            let last = console.masked(reading.lines.last ?? "")
            return (Failure(.notReady, "no ready line within \(profile.budgets.boot); last: \"\(last)\""), isNoisy)
        case .silent:
            return (Failure(.notReady, "the console stayed silent for \(profile.budgets.boot)"), isNoisy)
        case .ready:
            if profile.console.identity != nil, let known = identified?.identity {
                guard let named = reading.identity, profile.isSame(named, as: known) else {
                    let told = reading.identity.map { console.masked($0) } ?? "nothing"
                    return (
                        Failure(.identityAfterBoot, "the console names \(told), expected \(known.value)"), isNoisy
                    )
                }
            }
            guard let version = reading.version else { return (nil, isNoisy) }
            isVersionOnConsole = version == order.release
            guard !isVersionOnConsole else { return (nil, isNoisy) }
            return (Failure(.wrongVersion, "the firmware says version \(version), expected \(order.release)"), isNoisy)
        }
    }

    func relay() async throws {
        guard let relay = slot.profile.relay else {
            throw Failure(.internalError, "profile \(slot.profile.name) has no [relay], which the order needs")
        }
        let step = RelayStep(
            line: line, run: run, unit: try claimed(), order: order, profile: slot.profile, relay: relay, board: board,
            console: console, before: before, patience: patience(.activateCloud))
        issued = try await step.perform()
    }

    func activate() async throws {
        var unit = try claimed()
        CutPoint.reach("activate.before")
        try await prove(unit)
        if order.registration == .noPreregistration, let found = evidence?.after.iotID {
            iotID = found
            unit.iotID = found
            clientID = try await clientIDStep(unit).settle(
                iotID: found, before: clientIDs, issued: issued.clientID, attempts: issued.attempts)
        }
        try await makeReadyToShip()
        CutPoint.reach("activate.after")
    }

    private func prove(_ unit: BoardUnit) async throws {
        let step = ActivateStep(
            line: line, patience: patience(.activateCloud), run: run, unit: unit, order: order,
            budget: slot.profile.budgets.activate, iotID: iotID, before: before,
            isVersionOnConsole: isVersionOnConsole, console: console)
        let (watch, board) = (console, board)
        evidence = try await withThrowingTaskGroup(of: ActivationEvidence?.self) { group in
            // The console is read on, so that a refusal the board reports is seen and a board that goes is noticed.
            group.addTask {
                do {
                    while !Task.isCancelled { try await board.followConsole(for: .seconds(1)) { watch.note($0) } }
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
    }
}

extension BoardProfile {
    /// Whether a text that the firmware printed names `identity`.
    fileprivate func isSame(_ text: String, as identity: Identity) -> Bool {
        (try? Identity(kind: identity.kind, value: text)) == identity
    }
}

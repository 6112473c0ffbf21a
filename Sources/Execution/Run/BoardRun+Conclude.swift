import AliyunIoT
import Bench
import Journal
import Provisioning

/// The conclude step: a board that is not good is left where it cannot connect, and the outcome is written once.
extension BoardRun {
    func conclude(_ conclusion: RunMachine.Conclusion) async throws {
        for step in Step.allCases where step != .conclude {
            clock.end(step, result: conclusion.failure?.code.text ?? "ok")
        }
        if conclusion.outcome != .pass, conclusion.outcome != .done {
            await wipeFailed()
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
                "flash": report?.json ?? .null, "shipping": shipped, "line_network_left": .bool(hasLineNetwork),
                "console": .array(console.lines.map(JSONValue.string)),
            ], actor: line.settings.actor)
    }

    /// A board that failed with the line's network on it is rid of it where it still listens.
    private func wipeFailed() async {
        guard hasLineNetwork, !Task.isCancelled else { return }
        do { try await wipeNetwork() } catch {
            line.events.send(
                .notice(
                    "\(slot.name): the line's network is still on the board: \(error)", zh: "工位 \(slot.name)：产线热点还留在板子上"
                ))
        }
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
            line.events.send(
                .notice(
                    "\(slot.name): the board could not be reset into its loader: \(error)",
                    zh: "工位 \(slot.name)：板子不能复位到引导程序"))
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
            line.events.send(
                .notice("\(slot.name): the cloud was not asked once more: \(error)", zh: "工位 \(slot.name)：没有再次询问云"))
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
}

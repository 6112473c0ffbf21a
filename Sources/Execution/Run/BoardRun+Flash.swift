import Bench
import CutPoint
import Journal
import Locking
import Provisioning

/// The flash and verify steps: one call of the loader, with the identity read again on both sides of it.
extension BoardRun {
    func flash(_ mode: RunMachine.FlashMode, erasesDeviceCredential: Bool) async throws {
        let unit = try claimed()
        guard let release = try await line.journal.release(profile: order.profile, version: order.release) else {
            throw Failure(.releaseChanged, "release \(order.release) of \(order.profile) is gone from the journal")
        }
        let plan: FlashPlan
        let credential: ProductCredential?
        do {
            let secret: Secret?
            do { secret = try line.desk.productSecret(order.productKey) } catch {
                throw Failure(.credentialMissing, "the vault: \(error)")
            }
            plan = try FlashWork.plan(
                profile: slot.profile, images: try line.releases.images(of: release), productKey: order.productKey,
                productSecret: secret, nvsKeys: try nvsKeys(), skipMatching: mode == .skipMatching,
                erasesPreserved: erasesDeviceCredential, tag: unit.tag)
            credential = secret.map { ProductCredential(productKey: order.productKey, productSecret: $0) }
        } catch let error as ReleaseStore.ReleaseError {
            throw Failure(.releaseChanged, error.description)
        }
        let intent = Intent()
        do {
            let report = try await board.flash(
                plan, credential: credential, tag: unit.tag,
                beforeErase: { try await self.beforeErase($0, release, intent) },
                onEvent: observe(.flash))
            noteHealth(baud: report.baud)
            try await afterFlash(report, unit, intent)
        } catch {
            if error is JournalError { throw error }
            if let error = error as? LoaderError {
                line.health.take(error, slot: slot.name)
                noteHealth(baud: nil)
            }
            let failure = fault(error, in: .flash, isVerifying: clock.isOpen(.verify))
            if let number = intent.number {
                try await line.journal.finishIntent(
                    number, unit: unit.id, effect: .flash, isKnown: false, result: failure.code.text, details: nil,
                    actor: line.settings.actor)
            }
            throw failure
        }
    }

    /// A line that gets worse is told while it still works.
    private func noteHealth(baud: Int?) {
        guard let degradation = line.health.end(slot: slot.name, baud: baud) else { return }
        line.events.send(
            .notice(
                "\(slot.name): line degraded. \(degradation.english)", zh: "工位 \(slot.name)：线路变差。\(degradation.chinese)"
            ))
    }

    /// The keys of an encrypted credential partition; nil where the profile has none.
    private func nvsKeys() throws(Failure) -> Secret? {
        guard case .region(let region) = slot.profile.flash.credential, region.isEncrypted else { return nil }
        let keys: Secret?
        do { keys = try line.desk.nvsKeys(slot.profile.name) } catch {
            throw Failure(.credentialMissing, "the vault: \(error)")
        }
        guard let keys else {
            throw Failure(
                .credentialMissing,
                "no NVS keys are sealed for \(slot.profile.name): seal the 64 bytes with `station secret set "
                    + "nvs-keys/\(slot.profile.name)`")
        }
        return keys
    }

    /// Called with what the board in the loader says it is, just before the first erase: throws to leave it untouched.
    private func beforeErase(_ reading: BoardReading, _ release: Release, _ intent: Intent) async throws {
        if let moved = await line.ports.moved(slot: slot.name) { throw moved }
        try await insistOnSameBoard(reading, phase: "before-erase")
        let unit = try claimed()
        if intent.number == nil {
            intent.number = try await line.journal.beginIntent(
                .run(run), unit: unit.id, effect: .flash, key: release.sha256,
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

    func insistOnSameBoard(_ reading: BoardReading, phase: String) async throws {
        guard let first, reading.isSameBoard(as: first) else {
            throw Failure(
                .identityChanged, "\(phase): expected \(first?.summary ?? "a board"), received \(reading.summary)")
        }
        try await record(try BoardIdentity(reading, profile: slot.profile), reading, phase: phase)
    }
}

/// The number of an intent that is begun inside a callback.
private final class Intent: Sendable {
    private let value = Locked<Int64?>(nil)
    var number: Int64? {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}

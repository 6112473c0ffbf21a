import AliyunIoT
import Bench
import Crypto
import CutPoint
import Foundation
import Journal
import Locking
import MQTT
import Provisioning

/// Activates a board that has no network on the line.
///
/// ```
/// register for it ─► hand it the credential ─► power cycle ─► it proves that it kept it ─► connect for it
/// ```
/// The first connection closes the way back, so it comes last. The credential lives in this step's memory alone; what is
/// recorded is its keyed digest, or the ClientID.
struct RelayStep {
    let line: LineParts
    let run: Int64
    let unit: BoardUnit
    let order: WorkOrder
    let profile: BoardProfile
    let relay: BoardProfile.Relay
    let board: BoardConnection
    let console: ConsoleWatch
    /// The reading while the board was in its loader; nil = not there yet.
    let before: DeviceReading?
    let patience: Patience

    /// A device connects at most 5 times a minute: attempts keep this distance.
    private static let distance = Duration.seconds(12)

    /// What was issued for the board.
    struct Issued: Sendable {
        /// Keyed digest of the DeviceSecret.
        var secretDigest: String?
        /// Without pre-registration.
        var clientID: String?
        /// How often the station registered for the board.
        var attempts = 1
    }

    private enum Credential: Sendable {
        case secret(Secret)
        case pair(ClientCredential)

        /// What the proof is made with.
        var key: Secret {
            switch self {
            case .secret(let secret): secret
            case .pair(let pair): pair.deviceToken
            }
        }
    }

    /// - Throws: ``Failure``, what the journal throws.
    func perform() async throws -> Issued {
        if order.registration == .preRegistered, before?.isActive == true, !unit.wasReset {
            throw Failure(
                .alreadyActive, "\(unit.deviceName) has been active since \(before?.activatedAt ?? "before this run")")
        }
        let (credential, attempts) = try await issue()
        console.hide(credential.key)
        var issued = Issued(attempts: attempts)
        switch credential {
        case .secret(let secret): issued.secretDigest = line.desk.secretDigest(secret)
        case .pair(let pair): issued.clientID = pair.clientID
        }
        try await handOver(credential, issued)
        try await insistOnStorage(credential)
        try await connect(credential)
        return issued
    }

    // MARK: - Register

    private func issue() async throws -> (Credential, attempts: Int) {
        let secret: Secret
        do {
            guard let sealed = try line.desk.productSecret(unit.productKey) else {
                throw Failure(.credentialMissing, "no ProductSecret is sealed for \(unit.productKey)")
            }
            secret = sealed
        } catch let failure as Failure {
            throw failure
        } catch { throw Failure(.credentialMissing, "the vault: \(error)") }
        let attempts = Locked(0)
        let credential = try await insist(.issue, "issued") { () async throws -> Credential in
            attempts.withLock { $0 += 1 }
            CutPoint.reach("issue.before")
            defer { CutPoint.reach("issue.after") }
            let registration = DynamicRegistration(cloud: line.desk.cloud)
            let name = unit.deviceName.text
            switch order.registration {
            case .noPreregistration:
                try await admitConnect()
                return .pair(
                    try await registration.overMQTTWithoutPreregistration(
                        productKey: unit.productKey, deviceName: name, productSecret: secret))
            // The one channel that says why it refuses, where it is offered.
            case .preRegistered where line.desk.cloud.registration != nil:
                return .secret(
                    try await registration.overHTTPS(
                        productKey: unit.productKey, deviceName: name, productSecret: secret))
            case .preRegistered:
                try await admitConnect()
                return .secret(
                    try await registration.overMQTT(
                        productKey: unit.productKey, deviceName: name, productSecret: secret))
            }
        }
        return (credential, attempts.withLock { $0 })
    }

    private func admitConnect() async throws {
        try await line.connects.admit(unit.connectName, connects: 1, onWait: patience.onWait)
    }

    // MARK: - Hand over

    private func handOver(_ credential: Credential, _ issued: Issued) async throws {
        let command =
            switch credential {
            case .secret(let secret): Secret.filling(relay.handOver, "{device_secret}", with: secret)
            case .pair(let pair):
                Secret.filling(
                    relay.handOverPair.replacing("{client_id}", with: pair.clientID), "{device_token}",
                    with: pair.deviceToken)
            }
        let intent = try await begin(
            .handOver, ["secret_digest": .init(issued.secretDigest), "client_id": .init(issued.clientID)])
        CutPoint.reach("hand-over.before")
        let failure: Failure?
        do {
            let watch = console
            let stored = try await board.exchange(
                command, until: [relay.stored], within: relay.answer, onLine: { watch.note($0) })
            failure = stored == nil ? Failure(.handOverRefused, "no \"\(relay.stored)\" within \(relay.answer)") : nil
        } catch { failure = BoardFaults.failure(error, in: .activate) }
        CutPoint.reach("hand-over.after")
        try await finish(intent, .handOver, isKnown: failure == nil, failure?.description ?? "stored")
        if let failure { throw failure }
    }

    /// After a power cycle the board must answer with what only the holder of the credential can compute.
    private func insistOnStorage(_ credential: Credential) async throws {
        let watch = console
        let answer: String?
        let nonce = (0..<16).map { _ in String(Int.random(in: 0x100...0x1FF), radix: 16).dropFirst() }.joined()
        do {
            let reading = try await board.boot(profile.console, within: profile.budgets.boot) { watch.note($0) }
            guard case .ready = reading.verdict else {
                throw Failure(.notReady, "no ready line after the power cycle that follows the hand-over")
            }
            answer = try await board.exchange(
                Secret(relay.prove.replacing("{nonce}", with: nonce)), until: [relay.proof], within: relay.answer,
                onLine: { watch.note($0) })
        } catch { throw BoardFaults.failure(error, in: .boot) }
        let proof = answer.flatMap { relay.proof.capture(in: $0) }.flatMap(Self.bytes)
        let key = credential.key.withBytes { SymmetricKey(data: Data($0)) }
        guard let proof, HMAC<SHA256>.isValidAuthenticationCode(proof, authenticating: Data(nonce.utf8), using: key)
        else {
            throw Failure(
                .credentialNotStored,
                answer == nil
                    ? "no proof within \(relay.answer)"
                    : "the board's proof is not that of the credential it was handed")
        }
        try await line.journal.append(
            kind: .boardNoted, actor: line.settings.actor,
            body: [
                "run": .int(run), "unit": .int(unit.id), "note": "the board proved that it stored its credential",
                "nonce": .string(nonce),
            ])
    }

    private static func bytes(_ hex: String) -> [UInt8]? {
        guard hex.count == 64 else { return nil }
        let digits = Array(hex)
        let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        return bytes.count == 32 ? bytes : nil
    }

    // MARK: - Connect

    private func connect(_ credential: Credential) async throws {
        let version = order.release
        let device = DeviceConnection(
            cloud: line.desk.cloud, productKey: unit.productKey, deviceName: unit.deviceName.text)
        @Sendable func report(_ session: DeviceSession) async throws {
            try await session.reportFirmware(version: version)
            // A product without this property drops it, one without a model may not answer: neither matters here.
            do { try await session.postProperty(["provisioned": 1], deadline: .seconds(5)) } catch is CloudError {}
        }
        try await insist(.connect, "connected") {
            try await admitConnect()
            CutPoint.reach("connect.before")
            switch credential {
            case .secret(let secret): try await device.withSession(deviceSecret: secret) { try await report($0) }
            case .pair(let pair): try await device.withSession(credential: pair) { try await report($0) }
            }
            CutPoint.reach("connect.after")
        }
    }

    // MARK: - Attempts

    /// Does what may fail for the cloud's own trouble, under an intent each, until it succeeds or patience ends.
    private func insist<Answer: Sendable>(
        _ effect: Effect, _ success: String, _ attempt: () async throws -> Answer
    ) async throws -> Answer {
        let deadline = ContinuousClock.now + patience.limit
        while true {
            let intent = try await begin(effect, nil)
            let trouble: String
            do {
                let answer = try await attempt()
                try await finish(intent, effect, isKnown: true, success)
                return answer
            } catch let error as RegistrationError {
                try await finish(intent, effect, isKnown: !error.isCloudTrouble, error.description)
                guard error.isCloudTrouble else { throw try await diagnose(error) }
                trouble = error.description
            } catch let error as ConnectionError {
                try await finish(intent, effect, isKnown: false, error.description)
                if case .refused(let code) = error.code, code != 3 {
                    throw Failure(.connectionRefused, error.sentence)
                }
                trouble = error.sentence
            } catch {
                try await finish(intent, effect, isKnown: false, "\(error)")
                throw error
            }
            guard ContinuousClock.now + Self.distance < deadline else {
                throw Failure(.activateCloud, "for \(patience.limit) the cloud gave no answer; last: \(trouble)")
            }
            await patience.onWait(trouble)
            do { try await Task.sleep(for: Self.distance) } catch {
                throw Failure(.slotStopping, "stopped while the cloud was waited for")
            }
            await patience.onWait("")
        }
    }

    /// The station itself registered: what is wrong with the call is never the board's fault.
    private func diagnose(_ error: RegistrationError) async throws -> Failure {
        guard let code = error.remoteCode else { return Failure(.activateCloud, error.sentence) }
        if [.badRequest, .signMethod].contains(error.code) { return Failure(.accessRefused, error.description) }
        let refusal: BoardRefusal =
            code < 100 ? .registrationOverMQTT(UInt8(clamping: code)) : .registrationOverHTTPS(code)
        let diagnosis = DiagnoseStep(line: line, unit: unit, order: order, patience: patience)
        let (cause, _) = try await diagnosis.explain(refusal)
        // What was signed with is the station's own sealed secret, which the probe proved right: not the board's fault.
        if cause == .boardCredentialWrong { return Failure(.cannotTell, error.sentence) }
        return Failure(cause.code, "\(error.sentence) \(cause.sentence)")
    }

    private func begin(_ effect: Effect, _ details: JSONValue) async throws -> Int64 {
        try await line.journal.beginIntent(
            .run(run), unit: unit.id, effect: effect, key: unit.deviceName.text, details: details,
            actor: line.settings.actor)
    }

    private func finish(_ intent: Int64, _ effect: Effect, isKnown: Bool, _ result: String) async throws {
        try await line.journal.finishIntent(
            intent, unit: unit.id, effect: effect, isKnown: isKnown, result: result, actor: line.settings.actor)
    }
}

extension BoardUnit {
    /// By which its connects are counted.
    var connectName: String { "\(productKey)/\(deviceName)" }
}

import AliyunIoT
import MQTT
import Provisioning

/// The application on a simulated board: says who it is, registers, connects and stays connected.
///
/// Runs as one task; cancelling it is the power switch, and the task ends once its connection is gone. Everything it
/// knows of product and credential comes from the flash as it was really written.
struct Firmware: Sendable {
    let installed: InstalledFirmware
    let identity: BoardIdentity
    let options: FirmwareOptions
    /// Fault: another ProductSecret than the one in flash.
    let signsWrongly: Bool
    /// Fault: never ready.
    let hangs: Bool
    let flash: FlashChip

    /// Prints one console line.
    typealias Console = @Sendable (String) async -> Void

    /// Runs until cancelled, or until there is nothing more to do.
    func run(_ console: @escaping Console) async {
        await console("I (312) app: version \(installed.version)")
        await console("I (320) app: mac \(identity.macText)")
        if hangs { return }
        guard let credential = installed.credential else {
            return await console("E (326) app: product credential: \(installed.credentialProblem)")
        }
        await console("I (330) app: ready")
        guard let place = options.cloud else { return }
        let log = FirmwareLog(console: console)
        let name: String
        do {
            name = try deviceName()
        } catch {
            return await log.error("cloud", "no device name: \(error)")
        }
        while !Task.isCancelled {
            await connectOnce(credential, name, place.cloud, log)
            do { try await Task.sleep(for: options.retry) } catch { return }
        }
    }

    private func deviceName() throws -> String {
        let kind = options.deviceName.kind
        guard let identity = identity.identities.first(where: { $0.kind == kind }) else {
            throw BoardError(.input, "eFuse BLOCK3 holds no \(kind.rawValue) for the name \(options.deviceName)")
        }
        return try options.deviceName.name(for: identity).text
    }

    // MARK: - Cloud

    /// One attempt: registers where there is no DeviceSecret yet, then stays connected until something ends it.
    private func connectOnce(
        _ credential: InstalledFirmware.Credential, _ name: String, _ cloud: Cloud, _ log: FirmwareLog
    ) async {
        do {
            let secret: Secret
            if let stored = installed.storedDeviceSecret(flash) {
                secret = stored
            } else {
                secret = try await register(credential, name, cloud)
                guard installed.store(deviceSecret: secret, flash) else {
                    return await log.error("nvs", "the device credential could not be stored")
                }
                await log.info("cloud", "registered")
            }
            let version = installed.version
            let ended = try await DeviceConnection.withConnection(
                cloud: cloud, productKey: credential.productKey, deviceName: name, deviceSecret: secret
            ) { session in
                try await session.reportFirmware(version: version)
                try await session.postProperty(["uptime": log.milliseconds])
                await log.info("cloud", "connected")
                return try await session.closed()
            }
            await log.warning("cloud", "connection lost: \(ended.sentence)")
        } catch let error as RegistrationError {
            guard !Task.isCancelled else { return }
            if let code = error.remoteCode, !error.isCloudTrouble {
                await log.error("cloud", "register refused (\(code))")
            } else {
                await log.warning("cloud", "register failed: \(error.sentence)")
            }
        } catch let error as ConnectionError {
            guard !Task.isCancelled else { return }
            if case .refused(let code) = error.code {
                await log.error("cloud", "connect refused (\(code))")
            } else {
                await log.warning("cloud", "connect failed: \(error.sentence)")
            }
        } catch {
            if !Task.isCancelled { await log.warning("cloud", "failed: \(error)") }
        }
    }

    private func register(
        _ credential: InstalledFirmware.Credential, _ name: String, _ cloud: Cloud
    ) async throws -> Secret {
        let secret = signsWrongly ? Secret("not" + credential.productSecret.revealed) : credential.productSecret
        let registration = DynamicRegistration(cloud: cloud)
        switch options.channel {
        case .mqtt:
            return try await registration.overMQTT(
                productKey: credential.productKey, deviceName: name, productSecret: secret)
        case .https:
            return try await registration.overHTTPS(
                productKey: credential.productKey, deviceName: name, productSecret: secret)
        }
    }
}

/// Console lines in ESP-IDF's form, `I (TIME) TAG: TEXT`, the time in milliseconds since power-on.
struct FirmwareLog: Sendable {
    let console: Firmware.Console
    private let start = ContinuousClock.now

    init(console: @escaping Firmware.Console) { self.console = console }

    /// The ROM, the bootloader and the start of the application take the first 340.
    var milliseconds: Int {
        let passed = start.duration(to: .now).components
        return 340 + Int(passed.seconds) * 1000 + Int(passed.attoseconds / 1_000_000_000_000_000)
    }

    func info(_ tag: String, _ text: String) async { await console("I (\(milliseconds)) \(tag): \(text)") }
    func warning(_ tag: String, _ text: String) async { await console("W (\(milliseconds)) \(tag): \(text)") }
    func error(_ tag: String, _ text: String) async { await console("E (\(milliseconds)) \(tag): \(text)") }
}

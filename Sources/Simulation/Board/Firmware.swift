import AliyunIoT
import MQTT
import Provisioning

/// The application on a simulated board: says who it is, registers, connects and stays connected, and answers commands
/// on its console.
///
/// Runs as one task; cancelling it is the power switch, and the task ends once its connection is gone. Everything it
/// knows of product and credential comes from the flash as it was really written.
struct Firmware: Sendable {
    let installed: InstalledFirmware
    let identity: BoardIdentity
    let options: FirmwareOptions
    let faults: [BoardFault]
    let flash: FlashChip
    let greeting: [String]
    /// Whether it has a network now, as it changes; the first element is how it starts.
    let network: AsyncStream<Bool>
    /// Says that the console has joined or left a network.
    let setNetwork: @Sendable (Bool) -> Void

    /// Runs until cancelled, or until there is nothing more to do.
    func run(_ uart: FirmwareUART) async {
        for line in greeting.dropLast() { await uart.print(line) }
        if faults.contains(.noBoot) { return }
        if installed.needsCredential, case .failure(let problem) = installed.readCredential() {
            return await uart.print("E (326) app: product credential: \(problem.text)")
        }
        // Before the word, so that a client that has read it finds the console open.
        let lines = await uart.listen()
        let log = FirmwareLog(uart.print)
        let store = CredentialStore(installed.nvs, flash)
        let console = FirmwareConsole(
            store: store, forgets: faults.contains(.forgetsCredential), provesWrongly: faults.contains(.wrongProof),
            joins: !faults.contains(.noJoin), keepsNetwork: faults.contains(.keepsNetwork), setNetwork: setNetwork)
        if options.joinsNetwork { setNetwork(store.readNetwork() != nil) }
        if let word = greeting.last { await uart.print(word) }
        await withDiscardingTaskGroup { group in
            group.addTask { await console.run(lines, log) }
            if options.hasNetwork, let place = options.cloud {
                group.addTask { await follow(network, to: place.cloud, store, log) }
            }
        }
    }

    /// Connects while there is a network.
    private func follow(
        _ network: AsyncStream<Bool>, to cloud: Cloud, _ store: CredentialStore, _ log: FirmwareLog
    ) async {
        var connecting: Task<Void, Never>?
        for await isJoined in network {
            if isJoined, connecting == nil {
                connecting = Task { await stayConnected(to: cloud, store, log) }
            } else if !isJoined, let old = connecting {
                old.cancel()
                await old.value
                connecting = nil
            }
        }
        connecting?.cancel()
        await connecting?.value
    }

    // MARK: - Cloud

    private func stayConnected(
        to cloud: Cloud, _ store: CredentialStore, _ log: FirmwareLog
    ) async {
        let name: String
        do {
            name = try deviceName()
        } catch {
            return await log.error("cloud", "no device name: \(error)")
        }
        while !Task.isCancelled {
            if case .success(let credential) = installed.readCredential() {
                await connectOnce(credential, name, cloud, store, log)
            }
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

    /// One attempt: registers where there is no device credential yet, then stays connected until something ends it.
    private func connectOnce(
        _ credential: InstalledFirmware.Credential, _ name: String, _ cloud: Cloud, _ store: CredentialStore,
        _ log: FirmwareLog
    ) async {
        do {
            let own: DeviceCredential
            if let stored = store.read() {
                own = stored
            } else {
                own = try await register(credential, name, cloud)
                guard store.store(own) else {
                    return await log.error("nvs", "the device credential could not be stored")
                }
                await log.info("cloud", "registered")
            }
            let device = DeviceConnection(cloud: cloud, productKey: credential.productKey, deviceName: name)
            let ended =
                switch own {
                case .secret(let secret):
                    try await device.withSession(deviceSecret: secret) { try await stay(in: $0, log) }
                case .pair(let pair):
                    try await device.withSession(credential: pair) { try await stay(in: $0, log) }
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

    private func stay(in session: DeviceSession, _ log: FirmwareLog) async throws -> ConnectionError {
        try await session.reportFirmware(version: installed.version)
        try await session.postProperty(["uptime": log.milliseconds])
        await log.info("cloud", "connected")
        return try await session.closed()
    }

    private func register(
        _ credential: InstalledFirmware.Credential, _ name: String, _ cloud: Cloud
    ) async throws -> DeviceCredential {
        let signsWrongly = faults.contains(.wrongProductSecret)
        let secret = signsWrongly ? Secret("not" + credential.productSecret.revealed) : credential.productSecret
        let registration = DynamicRegistration(cloud: cloud)
        switch (options.registration, options.channel) {
        case (.noPreregistration, _):
            return .pair(
                try await registration.overMQTTWithoutPreregistration(
                    productKey: credential.productKey, deviceName: name, productSecret: secret))
        case (.preRegistered, .mqtt):
            return .secret(
                try await registration.overMQTT(
                    productKey: credential.productKey, deviceName: name, productSecret: secret))
        case (.preRegistered, .https):
            return .secret(
                try await registration.overHTTPS(
                    productKey: credential.productKey, deviceName: name, productSecret: secret))
        }
    }
}

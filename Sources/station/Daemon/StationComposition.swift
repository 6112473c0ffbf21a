import AliyunIoT
import Bench
import Execution
import Foundation
import Journal
import Locking
import Logging
import Operator
import Provisioning
import ServiceLifecycle
import Vault

/// A whole station put together from its configuration: what `serve` runs, and the demo with it.
struct StationComposition: Sendable {
    let configuration: StationConfiguration
    let profiles: [String: BoardProfile]
    let journal: Journal
    let releases: ReleaseStore
    let line: Line
    private let cloud: CloudConnection
    private let batches: BatchSettings
    private let page: OperatorServer?
    private let logger: Logger

    /// Where the operator's page is served, and who is told of it.
    struct Page: Sendable {
        let configuration: OperatorConfiguration
        /// Shown on the station's own terminal: the page's address, and the one-time code of a first start.
        let tell: @Sendable (String) -> Void
    }

    /// What a demonstration may change; `serve` changes nothing.
    struct Adjustments: Sendable {
        var probeInterval = Duration.seconds(30)
        var beforeStep: (@Sendable (String, Step) async -> Void)?
    }

    /// Why a configuration that reads well cannot be run.
    struct CompositionError: Error, CustomStringConvertible {
        let description: String
    }

    /// Opens journal and vault and prepares everything; nothing outside the data folder is touched yet.
    init(
        configuration: StationConfiguration, profiles: [String: BoardProfile], logger: Logger,
        home: StationHome, page: Page? = nil, adjustments: Adjustments = Adjustments()
    ) throws {
        self.configuration = configuration
        self.profiles = profiles
        self.logger = logger
        let vault = try configuration.openVault()
        journal = try Journal(folder: configuration.dataFolder, witness: configuration.witnessPath, watchesPlace: true)
        releases = ReleaseStore(dataFolder: configuration.dataFolder)
        let onDuty = Locked<OperatorServer?>(nil)
        // A station without a page has no sign-in: its account's commands are a leader's.
        cloud = try CloudConnection(configuration, vault: vault) {
            page == nil || onDuty.withLock { $0 }?.hasLeader == true
        }
        line = Line(
            settings: LineSettings(
                stationID: configuration.id, dataFolder: configuration.dataFolder,
                slots: try configuration.slots.map { try Self.slot($0, profiles, configuration.tools) },
                stubDirectory: configuration.stubDirectory, runLimit: configuration.limits.runsPerUnit,
                holdAfter: configuration.limits.holdAfter, probeInterval: adjustments.probeInterval,
                watchInterval: configuration.watch.interval,
                limits: InstanceLimits(
                    devices: configuration.cloud.deviceLimit, online: configuration.cloud.onlineLimit),
                diskLimits: configuration.limits.disk,
                network: configuration.network.map { network in
                    NetworkAccess(
                        ssid: network.ssid, password: { try vault.secret(SecretName(.network, "line")) },
                        probe: network.probe?.kind ?? .none)
                },
                calls: try CallSettings(configuration.calls, vault: vault), calendar: configuration.shifts,
                operatorOnDuty: { onDuty.withLock { $0 }?.onDuty }, profileDigests: home.profileDigests(),
                beforeStep: adjustments.beforeStep),
            journal: journal, releases: releases, desk: cloud.desk)
        batches = BatchSettings(
            configuration: configuration, home: home,
            vault: { vault })
        self.page = try page.map { [journal, releases, line, cloud, batches] page in
            try Self.server(page, home, configuration, profiles, journal, vault, line, logger) { command, actor in
                try await command.perform(
                    CommandContext(
                        journal: journal, releases: releases, profiles: profiles, desk: cloud.desk, line: line,
                        batches: batches, actor: actor))
            }
        }
        onDuty.withLock { [page = self.page] in $0 = page }
    }

    private static func server(
        _ page: Page, _ home: StationHome, _ configuration: StationConfiguration, _ profiles: [String: BoardProfile],
        _ journal: Journal, _ vault: Vault, _ line: Line, _ logger: Logger,
        _ perform: @escaping @Sendable (StationCommand, _ actor: String) async throws -> JSONValue
    ) throws -> OperatorServer {
        let server = try OperatorServer(
            configuration: page.configuration,
            station: StationFacts(
                id: configuration.id, version: Station.version,
                slots: configuration.slots.map { ($0.name, $0.profile) }, language: page.configuration.language,
                calendar: configuration.shifts),
            homeFolder: home.folder, journal: journal, vault: vault, events: line.events,
            health: { await line.conditions().map(Health.init) + line.calls.health() + Self.undone },
            profiles: profiles,
            runLimit: configuration.limits.runsPerUnit, perform: perform,
            ask: { request, actor in try await Self.ask(request, line, actor) }, logger: logger,
            onListening: { page.tell("page: \($0)") })
        if let code = server.startCode {
            page.tell("nobody is known yet: make the first engineer on the page with the one-time code \(code)")
        }
        return server
    }

    /// Does what the page asks of the line.
    private static func ask(
        _ request: LineRequest, _ line: Line, _ actor: String
    ) async throws -> Bilingual? {
        switch request {
        case .call(_, let slot): await line.calls.andon?.call(slot: slot, true)
        case .reprint(let unit, let reason):
            guard let labels = line.calls.labels else {
                throw StationCommand.CommandError(
                    description: "no label printer is configured: see [labels] in station.toml",
                    zh: "没有配置标签机：见 station.toml 的 [labels]")
            }
            guard await labels.reprint(deviceName: unit, reason: reason, actor: actor) else {
                throw StationCommand.CommandError(
                    description: "\(unit) is in no slot where its label could be scanned back: place its board first",
                    zh: "\(unit) 不在工位上，打印后无法回扫：先放板")
            }
        }
        return nil
    }

    /// What this station does without.
    private static let undone = [Health(.plant, .off, zh: "工厂库：未连接", en: "plant: not connected")]

    /// What a person's command is carried out with.
    func context(actor: String) -> CommandContext {
        CommandContext(
            journal: journal, releases: releases, profiles: profiles, desk: cloud.desk, line: line,
            batches: batches, actor: actor)
    }

    /// Runs the line and the control socket until cancelled or asked to stop gracefully.
    func run() async throws {
        ScratchFolder.removeLeftovers()
        let socket = ControlSocket(
            path: ControlSocket.path(dataFolder: configuration.dataFolder),
            perform: { request in try await request.command.perform(context(actor: request.actor)) }, logger: logger)
        do {
            try await journal.append(
                kind: .stationConfigured, actor: "station:" + configuration.id, body: batches.configuration())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await line.run() }
                group.addTask { try await socket.run() }
                if let page {
                    let told = line.events.watch()
                    group.addTask {
                        async let signingOff: Void = signOff(from: page, with: told)
                        try await page.run()
                        _ = await signingOff
                    }
                }
                // Whichever ends first, by a stop or by an error, ends the other.
                defer { group.cancelAll() }
                try await group.next()
                group.cancelAll()
                do { try await group.waitForAll() } catch is CancellationError {
                    // It was asked to end.
                }
            }
        } catch {
            await cloud.shutdown()
            throw error
        }
        await cloud.shutdown()
    }

    /// Signs the people of a shift off with its end.
    private func signOff(from page: OperatorServer, with told: AsyncStream<LineEvent>) async {
        for await case .shift(let shift) in told where !shift.isOpen {
            do { try await page.endShift() } catch { logger.error("sign-off at the shift's end: \(error)") }
        }
    }

    /// - Throws: ``CompositionError`` that names what is wrong by the file's keys, CA files that cannot be read included.
    static func cloud(_ configuration: StationConfiguration) throws -> Cloud {
        let problems = configuration.cloud.problems()
        guard problems.isEmpty else {
            throw CompositionError(description: problems.map(\.description).joined(separator: "; "))
        }
        return try configuration.cloud.instance.cloud()
    }

    private static func slot(
        _ slot: StationConfiguration.Slot, _ profiles: [String: BoardProfile], _ tools: [String: String]
    ) throws -> SlotSettings {
        guard let profile = profiles[slot.profile] else {
            throw CompositionError(
                description: "slot \(slot.name): there is no board profile \"\(slot.profile)\"; known: "
                    + profiles.keys.sorted().joined(separator: ", "))
        }
        switch slot.control {
        case .lines, .usbSerialJTAG, .sequences:
            guard profile.linesReset else {
                throw CompositionError(
                    description:
                        "slot \(slot.name): DTR and RTS do not reset boards of profile \(profile.name); give the "
                        + "slot a control that switches their power (a command, a fixture's socket, a relay)")
            }
        case .command, .socket, .device: break
        }
        return SlotSettings(
            name: slot.name, profile: profile, port: try PortAddress(slot.port), maxBaud: slot.maxBaud,
            control: try slot.control.powerControl,
            method: try BoardMethod(
                profile: profile,
                slot: BoardMethod.SlotFacts(
                    name: slot.name, port: slot.port, usbPath: slot.usbPath, maxBaud: slot.maxBaud, tools: tools)))
    }
}

extension StationConfiguration.Network.Probe {
    /// As the bench carries it out.
    var kind: AccessPointProbe.Kind {
        switch self {
        case .socket(let endpoint): .tcp(host: endpoint.host, port: endpoint.port)
        case .command(let words): .command(words)
        }
    }
}

extension SlotControl {
    /// As the bench carries it out.
    /// - Throws: ``LinkError`` for what was not checked when it was read.
    var powerControl: PowerControl {
        get throws(LinkError) {
            switch self {
            case .lines: .modemLines(.classic)
            case .usbSerialJTAG: .modemLines(.usbSerialJTAG)
            case .command(let words): .command(words)
            case .socket(let endpoint): .socket(host: endpoint.host, port: endpoint.port)
            case .sequences(let steps): .modemLines(.custom(try Self.lines(steps)))
            case .device(let text): try PowerControl(text)
            }
        }
    }
}

extension Health {
    /// As the line sees it.
    fileprivate init(_ condition: LineCondition) {
        self.init(
            Key(rawValue: condition.subject.rawValue) ?? .fixture,
            Level(rawValue: condition.level.rawValue) ?? .unknown,
            zh: condition.zh, en: condition.en)
    }
}

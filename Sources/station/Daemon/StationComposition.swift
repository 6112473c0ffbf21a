import AliyunIoT
import Bench
import Execution
import Foundation
import Journal
import Logging
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
    private let logger: Logger

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
        adjustments: Adjustments = Adjustments()
    ) throws {
        self.configuration = configuration
        self.profiles = profiles
        self.logger = logger
        let vault = try Vault.open(dataFolder: configuration.dataFolder)
        journal = try Journal(folder: configuration.dataFolder)
        releases = ReleaseStore(dataFolder: configuration.dataFolder)
        cloud = try CloudConnection(configuration, vault: vault)
        line = Line(
            settings: LineSettings(
                stationID: configuration.id, dataFolder: configuration.dataFolder,
                slots: try configuration.slots.map { try Self.slot($0, profiles, configuration.tools) },
                stubDirectory: configuration.stubDirectory, runLimit: configuration.limits.runsPerUnit,
                holdAfter: configuration.limits.holdAfter, probeInterval: adjustments.probeInterval,
                watchInterval: configuration.watch.interval,
                limits: InstanceLimits(
                    devices: configuration.cloud.deviceLimit, online: configuration.cloud.onlineLimit),
                network: configuration.network.map { network in
                    NetworkAccess(
                        ssid: network.ssid, password: { try vault.secret(SecretName(.network, "line")) },
                        probe: network.probe?.kind ?? .none)
                },
                beforeStep: adjustments.beforeStep),
            journal: journal, releases: releases, desk: cloud.desk)
    }

    /// What a person's command is carried out with.
    func context(actor: String) -> CommandContext {
        CommandContext(journal: journal, releases: releases, profiles: profiles, desk: cloud.desk, actor: actor)
    }

    /// Runs the line and the control socket until cancelled or asked to stop gracefully.
    func run() async throws {
        ScratchFolder.removeLeftovers()
        let socket = ControlSocket(
            path: ControlSocket.path(dataFolder: configuration.dataFolder),
            perform: { request in try await request.command.perform(context(actor: request.actor)) }, logger: logger)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await line.run() }
                group.addTask { try await socket.run() }
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

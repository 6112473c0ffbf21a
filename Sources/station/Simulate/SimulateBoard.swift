import ArgumentParser
import Foundation
import Provisioning
import Simulation
import UnixSignals

/// `station simulate board`: one simulated board, until SIGTERM or SIGINT.
struct SimulateBoard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "board", abstract: "Run one simulated board behind a TCP port or a pseudo terminal.")

    @Option(help: "What kind of board: \(SimulatedFamily.allCases.map(\.rawValue).joined(separator: ", ")).")
    var profile = SimulatedFamily.esp32c3.rawValue

    @Option(help: ArgumentHelp("TCP address to listen on; port 0 takes any.", valueName: "host:port"))
    var listen: String?

    @Option(help: ArgumentHelp("Pseudo terminal; LINK becomes a symbolic link to it.", valueName: "link"))
    var pty: String?

    @Option(help: ArgumentHelp("Address of the control socket.", valueName: "host:port"))
    var relay = "127.0.0.1:0"

    @Option(help: ArgumentHelp("What the eFuses hold.", valueName: "mac=…,uid=HEX32[,sn=…][,imei=…]"))
    var identity = "mac=7C:DF:A1:00:00:04"

    @Flag(help: "Strap the board into its download loader.")
    var download = false

    @Option(help: ArgumentHelp("Ready file of the cloud stand-in the firmware connects to.", valueName: "file"))
    var cloud: String?

    @Option(help: ArgumentHelp("Flash contents; without it 4 MiB of FF.", valueName: "file"))
    var flash: String?

    @Option(help: ArgumentHelp("Written when the board can be reached.", valueName: "file"))
    var readyFile: String?

    @Option(help: ArgumentHelp("Take the time bytes take on a wire: 'real', or a rate.", valueName: "baud"))
    var pace: String?

    @Option(help: "How the firmware registers: mqtt or https.")
    var channel = "mqtt"

    @Option(
        help: ArgumentHelp(
            "Whether the cloud must know the device before it registers: pre-registered, or no-preregistration, which "
                + "goes over mqtt only.", valueName: "mode"))
    var registration = RegistrationMode.preRegistered.rawValue

    @Flag(help: "No network on the line: the firmware gets its device credential over its console.")
    var noNetwork = false

    @Option(help: ArgumentHelp("Wait between the firmware's attempts.", valueName: "seconds"))
    var retrySeconds = 12.0

    @Option(help: ArgumentHelp("How the firmware makes its DeviceName.", valueName: "rule"))
    var deviceName = "{mac}"

    @Option(
        help: ArgumentHelp(
            "stuck-bit:OFFSET:BIT[:0|1], wrong-product-secret, garbage:SEED:RATE, no-boot, forgets-credential, "
                + "wrong-proof, no-join or keeps-network.", valueName: "fault"))
    var fault: [String] = []

    func run() async throws {
        guard let family = SimulatedFamily(rawValue: profile) else {
            let known = SimulatedFamily.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("Unknown profile '\(profile)': expected one of \(known).")
        }
        guard !family.isOnUSB else {
            throw ValidationError("Boards of \(profile) are on USB: `station demo --board \(profile)` runs them.")
        }
        let board = try StandaloneBoard(try configuration(family), relay: try HostAndPort(parsing: relay).pair)
        if let readyFile { try BoardReadyFile.write(board.address, to: URL(fileURLWithPath: readyFile)) }
        FileHandle.standardError.write(Data("board on \(board.address.port), control \(board.address.control)\n".utf8))
        try await runUntilSignal { await board.run() }
    }

    private func configuration(_ family: SimulatedFamily) throws -> BoardConfiguration {
        let port: BoardConfiguration.Port
        switch (listen, pty) {
        case (let listen?, nil):
            let address = try HostAndPort(parsing: listen)
            port = .listener(host: address.host, port: address.port)
        case (nil, let link?): port = .terminal(link: link)
        default: throw ValidationError("Give either --listen or --pty.")
        }
        guard let way = FirmwareOptions.Channel(rawValue: channel) else {
            throw ValidationError("Unknown channel '\(channel)': expected mqtt or https.")
        }
        guard let mode = RegistrationMode(rawValue: registration) else {
            let known = RegistrationMode.allCases.map(\.rawValue).joined(separator: " or ")
            throw ValidationError("Unknown registration '\(registration)': expected \(known).")
        }
        if let conflict = FirmwareOptions.conflict(mode, way) { throw ValidationError(conflict) }
        guard retrySeconds > 0 else { throw ValidationError("--retry-seconds must be more than 0.") }
        let firmware = FirmwareOptions(
            cloud: try cloud.map { try BoardCloud(readyFile: $0) }, channel: way, registration: mode,
            retry: .seconds(retrySeconds), deviceName: try DeviceNameRule(deviceName), hasNetwork: !noNetwork)
        return BoardConfiguration(
            family: family, identity: try BoardIdentity(parsing: identity), port: port, flashFile: flash,
            startsInLoader: download,
            faults: try fault.map { try BoardFault(parsing: $0) },
            pace: try pace.map { try BoardPace(parsing: $0) } ?? .unpaced, firmware: firmware)
    }
}

/// `HOST:PORT` on the command line; the host is a numeric IPv4 address.
private struct HostAndPort {
    let host: String
    let port: Int
    var pair: (host: String, port: Int) { (host, port) }

    init(parsing text: String) throws {
        let parts = text.split(separator: ":").map(String.init)
        guard parts.count == 2, let port = Int(parts[1]), (0...65535).contains(port) else {
            throw ValidationError("'\(text)': expected HOST:PORT.")
        }
        host = parts[0] == "localhost" ? "127.0.0.1" : parts[0]
        self.port = port
    }
}

/// Runs `body` until it ends or the process is told to, by SIGTERM or SIGINT; `body` is then cancelled and awaited.
func runUntilSignal(_ body: @escaping @Sendable () async -> Void) async throws {
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    await withTaskGroup(of: Void.self) { group in
        group.addTask { await body() }
        group.addTask { for await _ in signals { return } }
        await group.next()
        group.cancelAll()
    }
}

import BoardProtocols
import Foundation
import Provisioning
import Testing

@testable import Simulation

/// The simulated firmware against the cloud stand-in, over the real wire.
@Suite("The simulated board's firmware")
struct BoardFirmwareTests {
    static let name = "7CDFA1000004"

    /// A flash file with the demo release and the stand-in's product credential.
    static func flashFile(in folder: URL) throws -> String {
        let file = folder.appendingPathComponent("a.flash")
        let credential = NVSPartition.Namespace(
            "cred",
            [
                ("product_key", .string(RunningCloud.productKey)),
                ("product_secret", .string(RunningCloud.productSecret.revealed)),
            ])
        let flash = try BoardBootTests.flashed(credential: [credential])
        try Data(flash.read(0, flash.size)).write(to: file)
        return file.path
    }

    /// A board with that flash, unpowered behind a pty.
    static func withBoardInCloud(
        channel: FirmwareOptions.Channel = .mqtt, registration: RegistrationMode = .preRegistered,
        faults: [BoardFault] = [],
        _ body: @Sendable (RunningCloud, SimulatedFixture.SlotAddress, _ flash: String) async throws -> Void
    ) async throws {
        try await RunningCloud.with { cloud in
            try await withBoardFolder { folder in
                let file = try flashFile(in: folder)
                let configuration = BoardConfiguration(
                    identity: BoardLoaderTests.identity,
                    port: .terminal(link: folder.appendingPathComponent("tty").path), flashFile: file, faults: faults,
                    firmware: FirmwareOptions(
                        cloud: try BoardCloud(cloud.ready), channel: channel, registration: registration,
                        retry: .milliseconds(200)))
                try await withBoard(configuration) { try await body(cloud, $0, file) }
            }
        }
    }

    /// Resets the board into a normal boot and reads its console up to a line.
    static func boot(_ address: SimulatedFixture.SlotAddress, until line: String) async throws -> String {
        try await onThread {
            let client = try BoardTestClient(address.port)
            #expect(try BoardTestClient(address.control).command("run") == "ok")
            return try client.lines(until: line)
        }
    }

    @Test(
        "registers with the credential found in flash, connects, and is offline once its power is off",
        .timeLimit(.minutes(3)), arguments: FirmwareOptions.Channel.allCases)
    func activates(channel: FirmwareOptions.Channel) async throws {
        try await Self.withBoardInCloud(channel: channel) { cloud, address, file in
            try await cloud.create(Self.name)
            let first = try await Self.boot(address, until: "cloud: connected")
            #expect(first.contains("cloud: registered"))
            let detail = try await cloud.detail(Self.name)
            #expect(detail["Status"] as? String == "ONLINE")
            #expect(detail["FirmwareVersion"] as? String == "1.2.3")

            #expect(try await onThread { try BoardTestClient(address.control).command("off") } == "ok")
            #expect(try await cloud.eventually { try await cloud.detail(Self.name)["Status"] as? String == "OFFLINE" })

            let second = try await Self.boot(address, until: "cloud: connected")
            #expect(!second.contains("cloud: registered"))
            let flash = try FlashChip(file: file)
            let nvs = try NVSPartition(parsing: flash.read(0x9000, 0x6000))
            #expect(nvs.value("device_secret", in: "device")?.text?.isEmpty == false)
        }
    }

    @Test(
        "a firmware that signs with another ProductSecret is refused and keeps nothing", .timeLimit(.minutes(3)),
        arguments: [(FirmwareOptions.Channel.mqtt, "register refused (4)"), (.https, "register refused (6600)")])
    func wrongSecret(channel: FirmwareOptions.Channel, line: String) async throws {
        try await Self.withBoardInCloud(channel: channel, faults: [.wrongProductSecret]) { cloud, address, file in
            try await cloud.create(Self.name)
            _ = try await Self.boot(address, until: line)
            #expect(try await cloud.detail(Self.name)["Status"] as? String == "UNACTIVE")
            #expect(try FlashChip(file: file).read(0x9000, 0x6000).allSatisfy { $0 == 0xFF })
        }
    }

    @Test("no secret stands in what the board prints", .timeLimit(.minutes(3)))
    func console() async throws {
        try await Self.withBoardInCloud(channel: .mqtt) { cloud, address, _ in
            try await cloud.create(Self.name)
            let log = try await Self.boot(address, until: "cloud: connected")
            #expect(!log.contains(RunningCloud.productSecret.revealed))
        }
    }
}

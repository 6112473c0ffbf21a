import BoardProtocols
import Foundation
import Provisioning
import Testing

@testable import Simulation

/// The simulated firmware without pre-registration (免预注册) against the cloud stand-in, over the real wire.
@Suite("The simulated board's firmware without pre-registration")
struct BoardNoPreregistrationTests {
    static let name = BoardFirmwareTests.name

    static func off(_ address: SimulatedFixture.SlotAddress) async throws {
        #expect(try await onThread { try BoardTestClient(address.control).command("off") } == "ok")
    }

    @Test(
        "makes its own device, keeps its ClientID over a power cycle, and gets a second one after its nvs was erased",
        .timeLimit(.minutes(3)))
    func activates() async throws {
        try await BoardFirmwareTests.withBoardInCloud(registration: .noPreregistration) {
            cloud, address, file async throws in
            let first = try await BoardFirmwareTests.boot(address, until: "cloud: connected")
            #expect(first.contains("cloud: registered"))
            let made = try await cloud.admin.devices()
            #expect(made.map(\.deviceName) == [Self.name])
            #expect(made.first?.status == "ONLINE" && made.first?.firmwareVersion == "1.2.3")
            let clientIDs = made.first?.clientIDs ?? []
            #expect(clientIDs.count == 1)
            let pair = try RelayBoard.kept(in: file)
            #expect(Set(pair.keys) == ["client_id", "device_token"])
            #expect(pair["client_id"] == clientIDs.first)

            try await Self.off(address)
            #expect(try await cloud.eventually { try await cloud.admin.devices().first?.status == "OFFLINE" })
            let second = try await BoardFirmwareTests.boot(address, until: "cloud: connected")
            #expect(!second.contains("cloud: registered"))
            #expect(try await cloud.admin.devices().map(\.clientIDs) == [clientIDs])

            try await Self.off(address)
            #expect(try FlashChip(file: file).erase(0x9000, 0x6000))
            let third = try await BoardFirmwareTests.boot(address, until: "cloud: connected")
            #expect(third.contains("cloud: registered"))
            let both = try await cloud.admin.devices().first?.clientIDs ?? []
            #expect(both.count == 2 && both.prefix(1) == clientIDs[...])
            #expect(try RelayBoard.kept(in: file)["client_id"] == both.last)

            let log = first + second + third
            for secret in try [pair["device_token"], RelayBoard.kept(in: file)["device_token"]] {
                #expect(!log.contains(try #require(secret)))
            }
            #expect(!log.contains(RunningCloud.productSecret.revealed))
        }
    }

    @Test("with another ProductSecret it is refused, keeps nothing and makes nothing", .timeLimit(.minutes(3)))
    func wrongSecret() async throws {
        try await BoardFirmwareTests.withBoardInCloud(
            registration: .noPreregistration, faults: [.wrongProductSecret]
        ) { cloud, address, file async throws in
            _ = try await BoardFirmwareTests.boot(address, until: "register refused (4)")
            #expect(try await cloud.admin.devices().isEmpty)
            #expect(try RelayBoard.kept(in: file).isEmpty)
        }
    }

    @Test("a sixth board of one name is refused", .timeLimit(.minutes(3)))
    func sixth() async throws {
        try await BoardFirmwareTests.withBoardInCloud(registration: .noPreregistration) {
            cloud, address, file async throws in
            for _ in 0..<5 { #expect(try await PushedClient.register(Self.name, cloud) != nil) }
            _ = try await BoardFirmwareTests.boot(address, until: "register refused (4)")
            #expect(try RelayBoard.kept(in: file).isEmpty)
        }
    }

    @Test("a pair that the cloud has dropped is refused, and the board does not use up another ClientID")
    func dropped() async throws {
        try await BoardFirmwareTests.withBoardInCloud(registration: .noPreregistration) {
            cloud, address, file async throws in
            _ = try await BoardFirmwareTests.boot(address, until: "cloud: connected")
            let device = try #require(try await cloud.admin.devices().first)
            #expect(try await cloud.call("DeleteClientIds", ["IotId": device.iotID]).code == "Success")
            let log = try await BoardFirmwareTests.boot(address, until: "connect refused (5)")
            #expect(!log.contains("registered"))
            #expect(try await cloud.admin.devices().first?.clientIDs == [])
            #expect(try RelayBoard.kept(in: file)["client_id"] == device.clientIDs.first)
        }
    }
}

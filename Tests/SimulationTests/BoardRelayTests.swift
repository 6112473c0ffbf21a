import Foundation
import Provisioning
import Testing

@testable import Simulation

/// A board without a network gets its device credential over its console.
@Suite("The relay to the simulated board")
struct BoardRelayTests {
    @Test("a DeviceSecret is stored, and proved also after a power cycle", arguments: [true, false])
    func deviceSecret(terminal: Bool) async throws {
        try await RelayBoard.with(terminal: terminal) { address, file async throws in
            let first = try await RelayBoard.converse(
                address, ["credential prove n-0", "credential set \(RelayBoard.secret)", "credential prove n-1"])
            #expect(first == [RelayBoard.missing, RelayBoard.stored, RelayBoard.proof("n-1", RelayBoard.secret)])
            #expect(try RelayBoard.kept(in: file) == ["device_secret": RelayBoard.secret])
            let second = try await RelayBoard.converse(address, ["credential prove n-2"])
            #expect(second == [RelayBoard.proof("n-2", RelayBoard.secret)])
        }
    }

    @Test("a pair takes the place of a DeviceSecret, and the other way round")
    func pair() async throws {
        try await RelayBoard.with { address, file async throws in
            let set = "credential set \(RelayBoard.clientID) \(RelayBoard.token)"
            #expect(
                try await RelayBoard.converse(
                    address, ["credential set \(RelayBoard.secret)", set, "credential prove é/1"])
                    == [RelayBoard.stored, RelayBoard.stored, RelayBoard.proof("é/1", RelayBoard.token)])
            #expect(
                try RelayBoard.kept(in: file)
                    == ["client_id": RelayBoard.clientID, "device_token": RelayBoard.token])
            #expect(
                try await RelayBoard.converse(
                    address, ["credential prove 2", "credential set \(RelayBoard.secret)", "credential prove 2"])
                    == [
                        RelayBoard.proof("2", RelayBoard.token), RelayBoard.stored,
                        RelayBoard.proof("2", RelayBoard.secret),
                    ])
            #expect(try RelayBoard.kept(in: file) == ["device_secret": RelayBoard.secret])
        }
    }

    @Test("a proof is of what is in flash at that moment")
    func fromFlash() async throws {
        try await RelayBoard.with { address, file async throws in
            _ = try await RelayBoard.converse(address, ["credential set \(RelayBoard.secret)"])
            let text = try await onThread {
                let client = try BoardTestClient(address.port)
                #expect(try FlashChip(file: file).erase(0x9000, 0x6000))
                try client.write(Array("credential prove 1\n".utf8))
                return try client.lines(until: "credential")
            }
            #expect(text.contains("credential missing"))
        }
    }

    @Test("a firmware that forgets says `stored` and proves it, until the next reset")
    func forgets() async throws {
        try await RelayBoard.with(faults: [.forgetsCredential]) { address, file async throws in
            #expect(
                try await RelayBoard.converse(address, ["credential set \(RelayBoard.secret)", "credential prove 1"])
                    == [RelayBoard.stored, RelayBoard.proof("1", RelayBoard.secret)])
            #expect(try await RelayBoard.converse(address, ["credential prove 2"]) == [RelayBoard.missing])
            #expect(try RelayBoard.kept(in: file).isEmpty)
        }
    }

    @Test("a firmware with the wrong proof answers in the right form with other digits")
    func wrongProof() async throws {
        try await RelayBoard.with(faults: [.wrongProof]) { address, _ async throws in
            let answers = try await RelayBoard.converse(
                address, ["credential set \(RelayBoard.secret)", "credential prove 1"])
            #expect(answers.first == RelayBoard.stored)
            let right = RelayBoard.proof("1", RelayBoard.secret)
            #expect(answers.last != right)
            #expect(answers.last?.count == right.count)
            #expect(answers.last?.hasPrefix("I app: credential proof ") == true)
        }
    }

    @Test(
        "what the relay registers is what the board connects with once it has a network",
        .timeLimit(.minutes(3)), arguments: RegistrationMode.allCases)
    func relay(mode: RegistrationMode) async throws {
        try await RunningCloud.with { cloud async throws in
            try await withBoardFolder { folder async throws in
                let name = BoardFirmwareTests.name
                let words: [String]
                switch mode {
                case .preRegistered:
                    try await cloud.create(name)
                    words = [try await cloud.secret(of: name).revealed]
                case .noPreregistration:
                    let pushed = try #require(try await PushedClient.register(name, cloud))
                    words = [pushed.clientId, pushed.deviceToken]
                }
                var configuration = BoardConfiguration(
                    identity: BoardLoaderTests.identity,
                    port: .terminal(link: folder.appendingPathComponent("tty").path),
                    flashFile: try BoardFirmwareTests.flashFile(in: folder),
                    firmware: FirmwareOptions(
                        cloud: try BoardCloud(cloud.ready), registration: mode, retry: .milliseconds(200),
                        hasNetwork: false))
                try await withBoard(configuration) { address async throws in
                    #expect(
                        try await RelayBoard.converse(
                            address, ["credential set \(words.joined(separator: " "))", "credential prove 1"])
                            == [RelayBoard.stored, RelayBoard.proof("1", words.last ?? "")])
                    #expect(try await cloud.detail(name)["Status"] as? String == "UNACTIVE")
                }
                configuration.firmware.hasNetwork = true
                try await withBoard(configuration) { address async throws in
                    let log = try await BoardFirmwareTests.boot(address, until: "cloud: connected")
                    #expect(!log.contains("cloud: registered"))
                    for word in words { #expect(!log.contains(word)) }
                    #expect(try await cloud.detail(name)["Status"] as? String == "ONLINE")
                    #expect(try await cloud.admin.devices().map(\.clientIDs.count) == [words.count - 1])
                }
            }
        }
    }
}

import BoardProtocols
import Foundation
import Glibc
import Testing

@testable import Simulation

@Suite("The simulated board's console")
struct BoardConsoleTests {
    @Test("commands come byte by byte, with any line end, one after the other in one write")
    func split() async throws {
        try await RelayBoard.with { address, _ async throws in
            let set = Array("credential set \(RelayBoard.secret)\r\n".utf8).map { [$0] }
            let prove = Array("\n\ncredential pro".utf8)
            #expect(
                try await RelayBoard.converse(address, pieces: [set, [prove, Array("ve 7".utf8), [0x0D]]])
                    == [RelayBoard.stored, RelayBoard.proof("7", RelayBoard.secret)])
            let log = try await onThread {
                let client = try BoardTestClient(address.port)
                try client.write(Array("x\rcredential prove 8\r\ny\ncredential prove 9\n".utf8))
                return try client.lines(until: RelayBoard.proof("9", RelayBoard.secret).dropFirst(7).description)
            }
            let answers = log.split(whereSeparator: \.isNewline).map(RelayBoard.withoutTime)
            #expect(
                answers == [
                    RelayBoard.unknown, RelayBoard.proof("8", RelayBoard.secret), RelayBoard.unknown,
                    RelayBoard.proof("9", RelayBoard.secret),
                ])
        }
    }

    @Test("a line of more than 512 bytes is dropped with an error, and the next one is taken")
    func overlong() async throws {
        try await RelayBoard.with { address, _ async throws in
            let longest = "credential prove " + String(repeating: "n", count: 512 - 17)
            let answers = try await RelayBoard.converse(
                address,
                [
                    "credential set \(RelayBoard.secret)", longest, longest + "n", String(repeating: "x", count: 5000),
                    "credential prove 1",
                ])
            let tooLong = "E app: command too long"
            #expect(
                answers == [
                    RelayBoard.stored, RelayBoard.proof(String(longest.dropFirst(17)), RelayBoard.secret), tooLong,
                    tooLong,
                    RelayBoard.proof("1", RelayBoard.secret),
                ])
        }
    }

    @Test("anything else is an unknown command, bytes that are no text too")
    func garbage() async throws {
        let lines = [
            "help", " ", "credential", "credential set", "credential prove", "credential prove ",
            "credential prove a b", "credential set a b c", "Credential set \(RelayBoard.secret)",
            "credential  set \(RelayBoard.secret)",
            " credential set \(RelayBoard.secret)", "credential get", "credential set\t\(RelayBoard.secret)",
        ]
        try await RelayBoard.with { address, _ async throws in
            let noise = (UInt8.min...UInt8.max).filter { $0 != 0x0A && $0 != 0x0D } + [0x0A]
            let frame = EspressifRequest.sync.frame + [0x0A]
            let pieces = [[noise], [frame]] + (lines + ["credential prove 1"]).map { [Array("\($0)\n".utf8)] }
            let answers = try await RelayBoard.converse(address, pieces: pieces)
            #expect(answers.dropLast() == [String](repeating: RelayBoard.unknown, count: pieces.count - 1)[...])
            #expect(answers.last == RelayBoard.missing)
        }
    }

    @Test("a credential that cannot be one is refused without being named, and the old one stays")
    func refused() async throws {
        let long = String(repeating: "L", count: 129)
        let range = "expected 1 to 128"
        let cases = [
            ("", "DeviceSecret of 0 bytes, \(range)"), (long, "DeviceSecret of 129 bytes, \(range)"),
            ("sécrèt", "DeviceSecret with a byte that is not printable ASCII"),
            ("id \(long)", "DeviceToken of 129 bytes, \(range)"), ("\(long) t", "ClientID of 129 bytes, \(range)"),
            ("id ", "DeviceToken of 0 bytes, \(range)"), (" t", "ClientID of 0 bytes, \(range)"),
            ("i|d \(RelayBoard.token)", "ClientID with a |"),
            ("id tok\u{7F}en", "DeviceToken with a byte that is not printable ASCII"),
        ]
        try await RelayBoard.with { address, _ async throws in
            let answers = try await RelayBoard.converse(
                address,
                ["credential set \(RelayBoard.secret)"] + cases.map { "credential set \($0.0)" } + [
                    "credential prove 1"
                ])
            #expect(
                answers == [RelayBoard.stored] + cases.map { "E app: credential refused: \($0.1)" }
                    + [RelayBoard.proof("1", RelayBoard.secret)])
        }
    }

    @Test("a credential that flash does not take is refused")
    func brokenFlash() async throws {
        let fault = BoardFault.stuckBit(.init(offset: 0x9040, bit: 0))
        try await RelayBoard.with(faults: [fault]) { address, _ async throws in
            #expect(
                try await RelayBoard.converse(address, ["credential set \(RelayBoard.secret)", "credential prove 1"])
                    == ["E app: credential refused: it cannot be kept in partition nvs", RelayBoard.missing])
        }
    }

    @Test("a command that a power cut ended is not carried out")
    func cut() async throws {
        try await RelayBoard.with { address, _ async throws in
            _ = try await RelayBoard.converse(address, ["x"])
            try await onThread {
                try BoardTestClient(address.port).write(Array("credential set \(RelayBoard.secret)".utf8))
            }
            #expect(
                try await RelayBoard.converse(address, pieces: [[[0x0A], Array("credential prove 1\n".utf8)]])
                    == [RelayBoard.missing])
        }
    }

    @Test("there is no console before the firmware is ready, in the loader or without power")
    func onlyWhileRunning() async throws {
        try await RelayBoard.with { address, file async throws in
            let heard = try await onThread {
                let client = try BoardTestClient(address.port)
                let control = try BoardTestClient(address.control)
                let command = Array("credential set \(RelayBoard.secret)\n".utf8)
                _ = try control.command("loader")
                _ = try client.lines(until: "waiting for download")
                try client.write(command)
                var heard = client.read(within: 0.3) ?? []
                _ = try control.command("off")
                try client.write(command)
                heard += client.read(within: 0.3) ?? []
                return heard
            }
            #expect(heard.allSatisfy { $0 == 0x0A })
            #expect(try RelayBoard.kept(in: file).isEmpty)
        }
        try await RelayBoard.with(faults: [.noBoot]) { address, file async throws in
            let heard = try await onThread {
                let client = try BoardTestClient(address.port)
                _ = try BoardTestClient(address.control).command("run")
                _ = try client.lines(until: "app: mac")
                try client.write(Array("credential set \(RelayBoard.secret)\n".utf8))
                return client.read(within: 0.3) ?? []
            }
            #expect(heard.allSatisfy { $0 == 0x0A })
            #expect(try RelayBoard.kept(in: file).isEmpty)
        }
    }

    @Test("bytes take their time on the wire, and at another rate they are noise")
    func wire() async throws {
        try await RelayBoard.with(pace: .real) { address, file async throws in
            _ = try await RelayBoard.converse(address, ["x"])
            try await onThread {
                let client = try BoardTestClient(address.port, baud: speed_t(B921600))
                try client.write(Array("credential set \(RelayBoard.secret)\n".utf8))
                _ = client.read(within: 0.3)
            }
            #expect(try RelayBoard.kept(in: file).isEmpty)
            #expect(
                try await RelayBoard.converse(address, ["credential set \(RelayBoard.secret)"]) == [RelayBoard.stored])
            let nonce = String(repeating: "n", count: 400)
            let (text, time) = try await onThread {
                let client = try BoardTestClient(address.port)
                let start = ContinuousClock.now
                try client.write(Array("credential prove \(nonce)\n".utf8))
                return (try client.lines(until: "credential proof"), start.duration(to: .now))
            }
            #expect(text.contains(RelayBoard.proof(nonce, RelayBoard.secret).suffix(64)))
            // 418 bytes one way and 90 back, 10 bits each, at 115200 baud.
            #expect(time > .milliseconds(43))
        }
    }
}

import BoardProtocols
import Crypto
import Foundation
import Provisioning
import Testing

@testable import Simulation

/// A simulated board without a network, which gets its device credential over its console, and how tests talk to it.
enum RelayBoard {
    static let secret = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
    static let clientID = "tN3mB7v1QkQ8mZ2dL0rAx000105700"
    static let token = "c0ffee00c0ffee00c0ffee00c0ffee00"

    /// A board without a network behind a pty or TCP, with a good release in its flash.
    static func with(
        terminal: Bool = true, faults: [BoardFault] = [], pace: BoardPace = .unpaced,
        _ body: (SimulatedFixture.SlotAddress, _ flash: String) async throws -> Void
    ) async throws {
        try await withBoardFolder { folder in
            let file = try BoardFirmwareTests.flashFile(in: folder)
            let configuration = BoardConfiguration(
                identity: BoardLoaderTests.identity,
                port: terminal
                    ? .terminal(link: folder.appendingPathComponent("tty").path)
                    : .listener(host: "127.0.0.1", port: 0), flashFile: file, faults: faults, pace: pace,
                firmware: FirmwareOptions(hasNetwork: false))
            try await withBoard(configuration) { try await body($0, file) }
        }
    }

    /// Switches the supply off and on, waits for `app: ready`, and sends each command when the one before it was
    /// answered; each is written in the pieces given.
    /// - Returns: the answers without their times; no credential may have been printed.
    static func converse(
        _ address: SimulatedFixture.SlotAddress, pieces: [[[UInt8]]]
    ) async throws -> [String] {
        let (answers, log) = try await onThread {
            let client = try BoardTestClient(address.port)
            let control = try BoardTestClient(address.control)
            #expect(try control.command("off") == "ok")
            #expect(try control.command("run") == "ok")
            var log = try client.lines(until: "app: ready")
            var answers: [String] = []
            for command in pieces {
                for piece in command { try client.write(piece) }
                let text = try client.lines(until: ") app: ")
                log += text
                let lines = text.split(whereSeparator: \.isNewline)
                #expect(lines.count == 1, "one answer, and no echo: \(lines)")
                answers.append(lines.last.map(Self.withoutTime) ?? "")
            }
            return (answers, log)
        }
        for hidden in [secret, token, RunningCloud.productSecret.revealed] { #expect(!log.contains(hidden)) }
        #expect(!log.contains("cloud:"))
        return answers
    }

    static func converse(_ address: SimulatedFixture.SlotAddress, _ lines: [String]) async throws -> [String] {
        try await converse(address, pieces: lines.map { [Array("\($0)\n".utf8)] })
    }

    /// `I app: …` out of `I (1234) app: …`.
    static func withoutTime(_ line: Substring) -> String {
        guard let open = line.firstIndex(of: "("), let close = line.firstIndex(of: ")") else { return String(line) }
        return String(line[..<open] + line[line.index(close, offsetBy: 2)...])
    }

    static func proof(_ nonce: String, _ key: String) -> String {
        let key = SymmetricKey(data: Array(key.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Array(nonce.utf8), using: key)
        return "I app: credential proof " + code.map { String(format: "%02x", $0) }.joined()
    }

    static let stored = "I app: credential stored"
    static let missing = "E app: credential missing"
    static let unknown = "W app: unknown command"

    /// What the firmware keeps of its own in `nvs`.
    static func kept(in file: String) throws -> [String: String] {
        let nvs = try NVSPartition(parsing: FlashChip(file: file).read(0x9000, 0x6000))
        return Dictionary(
            nvs.entries.filter { $0.namespace == "device" }.map { ($0.key, $0.value.text ?? "") },
            uniquingKeysWith: { $1 })
    }
}

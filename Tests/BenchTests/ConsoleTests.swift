import Bench
import Foundation
import Locking
import Provisioning
import Testing

@Suite struct ConsoleTests {
    @Test("lines end at CR, LF or both, however the bytes are cut")
    func lines() {
        let bytes = Array("one\r\ntwo\nthree\rfour\r\n\r\nfive".utf8)
        for cut in 0...bytes.count {
            var splitter = ConsoleLines()
            let lines = splitter.push(Array(bytes[..<cut])) + splitter.push(Array(bytes[cut...]))
            #expect(lines == ["one", "two", "three", "four"])
            #expect(splitter.flush() == "five")
        }
    }

    @Test(
        "what cannot be printed is escaped, the rest stays",
        arguments: [
            ([0x41, 0xFF, 0x42], "A\\xFFB"), (Array("温度 21°".utf8), "温度 21°"), ([0x1B, 0x5B, 0x6D], "\\x1B[m"),
            ([0xE6, 0xB8], "\\xE6\\xB8"), ([0xC2, 0x85], "\\xC2\\x85"), ([0xF0, 0x9F, 0x98, 0x80], "😀"),
            ([0x00, 0x09], "\\x00\t"),
        ] as [([UInt8], String)])
    func printable(_ bytes: [UInt8], _ text: String) { #expect(ConsoleLines.printable(bytes) == text) }

    private static let console = Result {
        BoardProfile.Console(
            baud: 115_200, ready: try ConsolePattern("firmware .* ready"),
            version: try ConsolePattern(#"firmware (\d+\.\d+\.\d+)"#),
            errors: [
                .init(pattern: try ConsolePattern("invalid header: 0xffffffff"), code: .invalidImage),
                .init(pattern: try ConsolePattern("Guru Meditation"), code: .panic),
            ])
    }

    /// A board that prints `log` whenever the fixture says `run`.
    private func boot(_ log: String, within limit: Duration) async throws -> (ConsoleReading, [String]) {
        let pty = try PseudoTerminal()
        let fixture = try BoardServer { _ in
            { bytes in
                if bytes == Array("run\n".utf8) { pty.send(Array(log.utf8)) }
                return Array("ok\n".utf8)
            }
        }
        let connection = BoardConnection(
            slot: "1", port: try PortAddress(pty.path), control: .socket(host: "127.0.0.1", port: fixture.port))
        let heard = Locked<[String]>([])
        let reading = try await connection.boot(try Self.console.get(), within: limit) { line in
            heard.withLock { $0.append(line) }
        }
        await connection.close()
        fixture.stop()
        return (reading, heard.withLock { $0 })
    }

    @Test("the ready line and the version are found, and every line is handed on")
    func ready() async throws {
        let (reading, heard) = try await boot("rst:0x1\r\nfirmware 1.4.2 ready\r\n", within: .seconds(30))
        #expect(reading.verdict == .ready(line: "firmware 1.4.2 ready"))
        #expect(reading.version == "1.4.2")
        #expect(heard == ["rst:0x1", "firmware 1.4.2 ready"])
        #expect(reading.lines == heard)
    }

    @Test("blank flash is a failure with its line's code")
    func failure() async throws {
        let (reading, _) = try await boot("invalid header: 0xffffffff\r\n", within: .seconds(30))
        #expect(reading.verdict == .failure(.invalidImage, line: "invalid header: 0xffffffff"))
    }

    @Test("a port that goes away while the fixture resets the board is opened again")
    func reconnects() async throws {
        let first = try PseudoTerminal()
        let second = try PseudoTerminal()
        let link = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: link) }
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: first.path)
        let isOver = Locked(false)
        defer { isOver.withLock { $0 = true } }
        let fixture = try BoardServer { _ in
            { _ in
                first.hangUp()
                try? FileManager.default.removeItem(atPath: link)
                try? FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: second.path)
                Thread.detachNewThread {
                    // What is sent before the port is opened again is dropped, as a real board's log would be.
                    while !isOver.withLock({ $0 }) {
                        second.send(Array("firmware 2.0.0 ready\r\n".utf8))
                        usleep(20_000)
                    }
                }
                return Array("ok\n".utf8)
            }
        }
        let connection = BoardConnection(
            slot: "1", port: try PortAddress(link), control: .socket(host: "127.0.0.1", port: fixture.port))
        let reading = try await connection.boot(try Self.console.get(), within: .seconds(30))
        guard case .ready = reading.verdict else {
            Issue.record("\(reading.verdict)")
            return
        }
        #expect(await connection.isPresent())
        await connection.close()
        fixture.stop()
    }

    @Test(
        "silence and unknown lines are told apart at the deadline",
        arguments: [("", ConsoleReading.Verdict.silent), ("hello", .noMatch)])
    func nothing(_ log: String, _ verdict: ConsoleReading.Verdict) async throws {
        let (reading, _) = try await boot(log, within: .milliseconds(300))
        #expect(reading.verdict == verdict)
    }
}

import Bench
import Foundation
import Locking
import Testing

@Suite struct PowerTests {
    @Test("a command gets slot and action and is done with status 0")
    func command() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        let power = PowerController(
            .command(["sh", "-c", "echo \"$0 $1\" > '\(file.path)'", "{slot}", "to-{action}"]), slot: "jig 3")
        try await power.perform(.loader)
        #expect(try String(contentsOf: file, encoding: .utf8) == "jig 3 to-loader\n")
    }

    @Test("another status is a refusal, a missing program is unavailable")
    func failures() async throws {
        let refusing = PowerController(.command(["sh", "-c", "exit 3"]), slot: "1")
        await #expect { try await refusing.perform(.on) } throws: { ($0 as? PowerError)?.code == .refused }
        let missing = PowerController(.command(["/nonexistent/relay"]), slot: "1")
        await #expect { try await missing.perform(.on) } throws: { ($0 as? PowerError)?.code == .unavailable }
    }

    @Test("a cancelled action ends the command and its children")
    func cancelled() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        let power = PowerController(
            .command([
                "sh", "-c", "sleep 600 & echo $! > '\(file.path).new'; mv '\(file.path).new' '\(file.path)'; wait",
            ]),
            slot: "1")
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await power.perform(.off) }
                while !FileManager.default.fileExists(atPath: file.path) { await Task.yield() }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
        let text = try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        let child = try #require(pid_t(text))
        // The signal takes a moment; then the child is gone or, until its new parent collects it, a zombie.
        func isRunning() -> Bool {
            guard let status = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8) else { return false }
            return !status.contains(") Z")
        }
        let deadline = ContinuousClock.now + .seconds(30)
        while isRunning(), ContinuousClock.now < deadline { await Task.yield() }
        #expect(!isRunning())
    }

    @Test("a fixture is asked line by line, and its refusal is handed on")
    func socket() async throws {
        let seen = Locked<[String]>([])
        let server = try BoardServer { _ in
            { bytes in
                let line = String(decoding: bytes, as: UTF8.self)
                seen.withLock { $0.append(line) }
                switch line {
                case "present?\n": return Array("yes\n".utf8)
                case "off\n": return Array("error relay 4 stuck\n".utf8)
                default: return Array("ok\n".utf8)
                }
            }
        }
        let power = PowerController(.socket(host: "127.0.0.1", port: server.port), slot: "1")
        try await power.perform(.run)
        #expect(try await power.isBoardPresent() == true)
        await #expect { try await power.perform(.off) } throws: { error in
            guard let error = error as? PowerError else { return false }
            return error.code == .refused && error.sentence.contains("relay 4 stuck")
        }
        #expect(seen.withLock { $0 } == ["run\n", "present?\n", "off\n"])
        server.stop()
        await #expect { try await power.perform(.on) } throws: { ($0 as? PowerError)?.code == .unavailable }
    }

    @Test("a port without modem lines cannot reset a board, and says so")
    func noLines() async throws {
        let pty = try PseudoTerminal()
        let connection = BoardConnection(
            slot: "1", port: try PortAddress(pty.path), control: .modemLines(.classic))
        await #expect { try await connection.perform(.off) } throws: { ($0 as? PowerError)?.code == .unavailable }
        await connection.close()
    }

    @Test(
        "controls are read from their text forms",
        arguments: [
            ("none", PowerControl.none), ("lines", .modemLines(.classic)),
            ("usb-serial-jtag", .modemLines(.usbSerialJTAG)), ("socket://jig:7001", .socket(host: "jig", port: 7001)),
        ])
    func text(_ text: String, _ control: PowerControl) throws { #expect(try PowerControl(text) == control) }

    @Test("an unknown control is refused")
    func unknown() {
        #expect(throws: LinkError.self) { try PowerControl("relay") }
        #expect(throws: LinkError.self) { try PowerControl("/dev/ttyUSB0") }
    }
}

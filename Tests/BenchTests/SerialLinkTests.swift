import Bench
import Foundation
import Testing

@Suite struct SerialLinkTests {
    private var soon: ContinuousClock.Instant { .now + .seconds(30) }

    @Test(
        "any rate is set and shows on the other end of the pty",
        arguments: [9600, 74_880, 115_200, 230_400, 460_800, 921_600, 2_000_000, 1_234_567])
    func rates(_ baud: Int) throws {
        let pty = try PseudoTerminal()
        let link = try SerialLink(path: pty.path, baud: 115_200)
        #expect(pty.baud == 115_200)
        try link.setBaud(baud)
        #expect(pty.baud == baud)
        #expect(link.baud == baud)
    }

    @Test("all 256 byte values pass unchanged both ways")
    func raw() throws {
        let pty = try PseudoTerminal()
        let link = try SerialLink(path: pty.path, baud: 115_200)
        let all = [UInt8](0...255)
        pty.send(all)
        var received: [UInt8] = []
        while received.count < 256 { received += try link.read(upTo: 64, deadline: soon) }
        #expect(received == all)
        try link.write(all, deadline: soon)
        var echoed: [UInt8] = []
        while echoed.count < 256 { echoed += try #require(pty.receive()) }
        #expect(echoed == all)
    }

    @Test("closing the port leaves DTR and RTS alone: HUPCL is cleared")
    func noHangUpOnClose() throws {
        let pty = try PseudoTerminal()
        let link = try SerialLink(path: pty.path, baud: 115_200)
        #expect(pty.controlFlags & 0x400 == 0)
        link.close()
    }

    @Test("even parity on a pty, which has none, is a warning and every byte passes")
    func droppedParity() throws {
        let pty = try PseudoTerminal()
        let link = try #require(try PortAddress(pty.path).open(baud: 115_200, parity: .even) as? SerialLink)
        #expect(link.warning?.contains("parity") == true)
        let all = [UInt8](0...255)
        pty.send(all)
        var received: [UInt8] = []
        while received.count < 256 { received += try link.read(upTo: 64, deadline: soon) }
        #expect(received == all)
        try link.setBaud(57_600)
        #expect(pty.baud == 57_600)
        link.close()
        #expect(try SerialLink(path: pty.path, baud: 115_200).warning == nil)
    }

    @Test("no data is an empty answer, a hang-up is a lost port")
    func hangUp() throws {
        let pty = try PseudoTerminal()
        let link = try SerialLink(path: pty.path, baud: 115_200)
        #expect(try link.read(upTo: 16, deadline: .now).isEmpty)
        #expect(link.isAlive)
        pty.hangUp()
        #expect(!link.isAlive)
        #expect { try link.read(upTo: 16, deadline: soon) } throws: { ($0 as? LinkError)?.code == .lost }
        #expect { try link.write([1], deadline: soon) } throws: { ($0 as? LinkError)?.code == .lost }
        #expect { try link.setBaud(9600) } throws: { ($0 as? LinkError)?.code == .lost }
    }

    @Test("a second opening is refused as busy until the first is closed")
    func exclusive() throws {
        let pty = try PseudoTerminal()
        let link = try SerialLink(path: pty.path, baud: 115_200)
        #expect { try SerialLink(path: pty.path, baud: 115_200) } throws: { ($0 as? LinkError)?.code == .busy }
        link.close()
        _ = try SerialLink(path: pty.path, baud: 115_200)
    }

    @Test("a pty has no modem lines, and asking for them does nothing")
    func noModemLines() throws {
        let pty = try PseudoTerminal()
        let link = try SerialLink(path: pty.path, baud: 115_200)
        #expect(!link.supportsModemLines)
        try link.setLines(dtr: true, rts: true)
    }

    @Test("a missing path is absent, a plain file is no terminal")
    func notPorts() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect { try SerialLink(path: file.path, baud: 9600) } throws: { ($0 as? LinkError)?.code == .notATerminal }
        #expect { try SerialLink(path: file.path + ".none", baud: 9600) } throws: {
            ($0 as? LinkError)?.code == .absent
        }
    }

    @Test("a cancelled task gets out of a blocking read")
    func cancelled() async throws {
        let pty = try PseudoTerminal()
        let connection = BoardConnection(slot: "1", port: try PortAddress(pty.path))
        await #expect {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await connection.followConsole(for: .seconds(600)) { _ in } }
                group.cancelAll()
                try await group.waitForAll()
            }
        } throws: { ($0 as? LoaderError)?.kind == .cancelled }
    }
}

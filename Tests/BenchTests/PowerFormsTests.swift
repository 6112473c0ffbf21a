import Foundation
import Glibc
import Synchronization
import Testing

@testable import Bench

@Suite("Controls of other kinds") struct PowerFormsTests {
    /// Notes what is done to the lines instead of doing it.
    private final class LineNotes: BoardLink {
        let port = "test"
        var baud = 115_200
        let supportsModemLines = true
        let isAlive = true
        var notes: [String] = []
        func read(upTo limit: Int, deadline: ContinuousClock.Instant) throws(LinkError) -> [UInt8] { [] }
        func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(LinkError) {}
        func setBaud(_ baud: Int) throws(LinkError) {}
        func discardInput() throws(LinkError) {}
        func setLines(dtr: Bool, rts: Bool) throws(LinkError) { notes.append("\(dtr ? 1 : 0)\(rts ? 1 : 0)") }
        func close() {}
    }

    @Test("steps set the lines they name, in order, and leave the others")
    func sequences() throws {
        let sequences = try LineSequences(
            loader: ["dtr=1 rts=1", "rts=0 1ms", "2ms", "dtr=0"], run: ["rts=1 1ms", "rts=0"], off: ["dtr=1"])
        let link = LineNotes()
        let lines = ModemLineReset(circuit: .custom(sequences), link: link)
        try lines.enterLoader(attempt: 1)
        #expect(link.notes == ["11", "10", "00"])
        link.notes = []
        try lines.run()
        #expect(link.notes == ["01", "00"])
        link.notes = []
        try lines.hold()
        try lines.release()
        #expect(link.notes == ["10", "00"])
    }

    @Test("a step is read with its pause")
    func step() throws {
        let step = try LineSequences.Step("100ms rts=0  dtr=1")
        #expect(step.dtr == true && step.rts == false && step.pause == .milliseconds(100))
        #expect(try LineSequences.Step("2s").pause == .seconds(2))
    }

    @Test(
        "an unreadable step is refused with the word that is wrong",
        arguments: ["dtr=2", "cts=1", "dtr", "dtr=1 dtr=0", "10", "10ms 5ms", "-5ms", "99999ms", ""])
    func badStep(_ text: String) {
        #expect { try LineSequences(loader: [text], run: ["rts=1"]) } throws: { ($0 as? LinkError)?.code == .address }
    }

    @Test("a list without steps or longer than an action may take is refused")
    func badList() {
        #expect(throws: LinkError.self) { try LineSequences(loader: [], run: ["rts=1"]) }
        #expect(throws: LinkError.self) { try LineSequences(loader: ["8s", "8s"], run: ["rts=1"]) }
    }

    @Test("a relay at a serial port is read from its text form")
    func relayText() throws {
        guard case .serial(let relay) = try PowerControl("serial:///dev/relay?baud=19200&on=A00101A2&off=a00100a1")
        else {
            Issue.record("expected a serial relay")
            return
        }
        #expect(relay.path == "/dev/relay" && relay.baud == 19200)
        #expect(relay.bytes == [.on: [0xA0, 1, 1, 0xA2], .off: [0xA0, 1, 0, 0xA1]])
        #expect(try SerialRelay("serial:///dev/relay").bytes.isEmpty)
        #expect(try SerialRelay("serial:///dev/relay").baud == 9600)
    }

    @Test(
        "a relay's text that is wrong is refused",
        arguments: [
            "serial://relay", "serial:///", "serial:///dev/x?baud=1", "serial:///dev/x?on=A0",
            "serial:///dev/x?on=A&off=A0",
            "serial:///dev/x?on=&off=A0", "serial:///dev/x?on=GG&off=A0", "serial:///dev/x?speed=9600",
        ])
    func badRelay(_ text: String) { #expect(throws: LinkError.self) { try PowerControl(text) } }

    @Test("a relay of bytes gets them; a reset is off and on")
    func relayBytes() async throws {
        let pty = try PseudoTerminal()
        // A second client keeps the line up between the controller's own.
        let keeper = try SerialKeeper(pty.path)
        defer { keeper.close() }
        let power = PowerController(
            try PowerControl("serial://\(pty.path)?on=A00101A2&off=A00100A1&loader=55"), slot: "1")
        #expect(power.canPower)
        #expect(try await power.isBoardPresent() == nil)
        let reader = Task.detached { () -> [UInt8] in
            var seen: [UInt8] = []
            while seen.count < 13, let bytes = pty.receive() { seen += bytes }
            return seen
        }
        try await power.perform(.on)
        try await power.perform(.run)
        try await power.perform(.loader)
        #expect(await reader.value == [0xA0, 1, 1, 0xA2, 0xA0, 1, 0, 0xA1, 0xA0, 1, 1, 0xA2, 0x55])
    }

    @Test("a relay that talks in lines answers as a fixture at a socket does")
    func relayLines() async throws {
        let pty = try PseudoTerminal()
        let keeper = try SerialKeeper(pty.path)
        defer { keeper.close() }
        let power = PowerController(try PowerControl("serial://\(pty.path)?baud=115200"), slot: "1")
        let answers = ["on\n": "ok\n", "present?\n": "yes\r\n", "off\n": "error relay 4 stuck\n"]
        let board = Task.detached {
            var line: [UInt8] = []
            while let bytes = pty.receive() {
                line += bytes
                guard line.last == 10 else { continue }
                pty.send(Array((answers[String(decoding: line, as: UTF8.self)] ?? "error what\n").utf8))
                line = []
            }
        }
        try await power.perform(.on)
        #expect(try await power.isBoardPresent() == true)
        await #expect { try await power.perform(.off) } throws: { error in
            guard let error = error as? PowerError else { return false }
            return error.code == .refused && error.sentence == "the fixture answered: relay 4 stuck"
        }
        pty.hangUp()
        await board.value
        await #expect { try await power.perform(.on) } throws: { ($0 as? PowerError)?.code == .unavailable }
    }

    /// Keeps a pty's slave end open without reading or locking it.
    private struct SerialKeeper {
        private let descriptor: Int32
        init(_ path: String) throws {
            descriptor = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
            guard descriptor >= 0 else { throw POSIXError(.ENOENT) }
        }
        func close() { _ = Glibc.close(descriptor) }
    }
}

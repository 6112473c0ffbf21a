import Testing

@testable import Simulation

@Suite("The lines of the simulated board's console")
struct ConsoleLineReaderTests {
    static func items(_ chunks: [[UInt8]]) -> [ConsoleLineReader.Item] {
        var reader = ConsoleLineReader()
        return chunks.flatMap { reader.push($0) }
    }

    static func line(_ text: String) -> ConsoleLineReader.Item { .line(Array(text.utf8)) }

    @Test(
        "CR, LF and CR LF end a line, and empty lines are none",
        arguments: ["one\ntwo\n", "one\rtwo\r", "one\r\ntwo\r\n", "\n\n\rone\n\r\n\rtwo\r", "one\n\rtwo\n\r"])
    func ends(text: String) {
        let bytes = Array(text.utf8)
        let expected = [Self.line("one"), Self.line("two")]
        #expect(Self.items([bytes]) == expected)
        #expect(Self.items(bytes.map { [$0] }) == expected)
        for cut in bytes.indices { #expect(Self.items([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected) }
    }

    @Test("512 bytes are a line; one more is reported once, and the rest of the line is dropped")
    func limit() {
        let longest = [UInt8](repeating: 0x41, count: 512)
        #expect(Self.items([longest + [0x0A]]) == [.line(longest)])
        #expect(Self.items([longest + [0x41]]) == [.tooLong])
        let long = longest + longest + longest
        #expect(Self.items([long, long, [0x0D, 0x0A], Array("on\n".utf8)]) == [.tooLong, Self.line("on")])
    }

    @Test("any byte but CR and LF is part of a line")
    func bytes() {
        let all = (UInt8.min...UInt8.max).filter { $0 != 0x0A && $0 != 0x0D }
        #expect(Self.items([all + [0x0A]]) == [.line(all)])
    }
}

import BoardProtocols
import Testing

@Suite("AT lines") struct ATLineReaderTests {
    private static func read(
        _ chunks: [ArraySlice<UInt8>], expectsPrompt: Bool = false, counted: ATCountedAnswer? = nil
    ) -> [ATLineReader.Item] {
        var reader = ATLineReader()
        reader.expectsPrompt = expectsPrompt
        reader.counted = counted
        return chunks.flatMap { reader.push($0) }
    }

    private static func line(_ text: String) -> ATLineReader.Item { .line(Array(text.utf8)) }

    @Test("CR, LF and CR LF end a line, and empty lines are none")
    func ends() {
        let items = Self.read([Array("\r\nA\rB\nC\r\n\r\n\r\r\nD\n\n".utf8)[...]])
        #expect(items == ["A", "B", "C", "D"].map(Self.line))
    }

    /// What a module says to AT+CGSN=1 with echo and something unsolicited between every two lines.
    private static let transcript =
        "AT+CGSN=1\r\r\n+QIND: \"csq\",99,99\r\n\r\n+CGSN: \"490154203237518\"\r\n\r\nRDY\r\n\r\nOK\r\n"
        + "\r\n+CPIN: READY\r\n"

    @Test("an answer cut in two at any byte, or byte by byte, gives the same lines and the same IMEI")
    func cuts() {
        let wire = Array(Self.transcript.utf8)
        let answer = ATAnswer(command: Array("AT+CGSN=1".utf8), prefix: "+CGSN", takesBare: true)
        let expected: [ATAnswer.Line] = [
            .echo, .unsolicited("+QIND: \"csq\",99,99"), .information("+CGSN: \"490154203237518\""),
            .unsolicited("RDY"), .final(.ok), .unsolicited("+CPIN: READY"),
        ]
        let ways = (0...wire.count).map { [wire[..<$0], wire[$0...]] } + [wire.indices.map { wire[$0...$0] }]
        for (cut, way) in ways.enumerated() {
            let lines = Self.read(way).map { item -> ATAnswer.Line? in
                if case .line(let bytes) = item { answer.judge(bytes) } else { nil }
            }
            #expect(lines == expected, "cut at \(cut)")
        }
    }

    @Test("a prompt is seen without a line end, at the start of a line only, and only when it is expected")
    func prompt() {
        let wire = Array("AT+X=\">\"\r\r\nOK\r\n\r\n> ".utf8)
        for cut in 0...wire.count {
            #expect(
                Self.read([wire[..<cut], wire[cut...]], expectsPrompt: true)
                    == [Self.line("AT+X=\">\""), Self.line("OK"), .prompt], "cut at \(cut)")
        }
        #expect(Self.read([wire[...]]) == [Self.line("AT+X=\">\""), Self.line("OK")])
        var reader = ATLineReader()
        reader.expectsPrompt = true
        #expect(reader.push(Array("> OK\r\n".utf8)) == [.prompt, Self.line("OK")])
    }

    @Test("a counted value holds any bytes: line ends, a result, another head")
    func value() {
        let inside = Array("\r\nOK\r\n+SYSMFG:\"a\",\"b\",7,3,\u{0}>".utf8)
        let head = "+SYSMFG:\"cred\",\"key,1\",7,\(inside.count),"
        let wire = Array("\r\n\(head)".utf8) + inside + Array("\r\n\r\nOK\r\n".utf8)
        let expected: [ATLineReader.Item] = [.value(head: head, bytes: inside), Self.line("OK")]
        for cut in 0...wire.count {
            #expect(Self.read([wire[..<cut], wire[cut...]], counted: .manufacturing) == expected, "cut at \(cut)")
        }
        let flash = Array("+SYSFLASH:4,\r\n\r\n\r\nOK\r\n".utf8)
        #expect(
            Self.read([flash[...]], counted: .flash)
                == [.value(head: "+SYSFLASH:4,", bytes: [13, 10, 13, 10]), Self.line("OK")])
        let empty = Array("+SYSMFG:\"a\",\"b\",7,0,\r\nOK\r\n".utf8)
        #expect(
            Self.read([empty[...]], counted: .manufacturing)
                == [.value(head: "+SYSMFG:\"a\",\"b\",7,0,", bytes: []), Self.line("OK")])
    }

    @Test("an impossible length announces no value", arguments: ["-1", "9999", "x", ""])
    func impossibleLength(_ length: String) {
        let text = "+SYSFLASH:\(length),ab"
        #expect(Self.read([Array("\(text)\r\n".utf8)[...]], counted: .flash) == [Self.line(text)])
    }

    @Test("a line without end costs no memory and does not hide the next one")
    func overlong() {
        let garbage = [UInt8](repeating: 0xFF, count: 100_000)
        #expect(Self.read([garbage[...], Array("\r\nOK\r\n".utf8)[...]]) == [.dropped(100_000), Self.line("OK")])
        let longest = [UInt8](repeating: 0x41, count: ATLineReader.limit)
        #expect(Self.read([(longest + [13])[...]]) == [.line(longest)])
        #expect(Self.read([(longest + [0x41, 13])[...]]) == [.dropped(ATLineReader.limit + 1)])
    }
}

import BoardProtocols
import Testing

@Suite("AT answers") struct ATAnswerTests {
    @Test(
        "every final result of the grammar is one, and looks like itself",
        arguments: [
            ("OK", ATFinal.ok), ("ERROR", .error), ("+CME ERROR: 10", .equipment(code: 10, text: "10")),
            ("+CME ERROR: SIM not inserted", .equipment(code: nil, text: "SIM not inserted")),
            ("+CMS ERROR: 302", .message(code: 302, text: "302")), ("NO CARRIER", .callEnded("NO CARRIER")),
            ("BUSY", .callEnded("BUSY")), ("NO ANSWER", .callEnded("NO ANSWER")),
            ("NO DIALTONE", .callEnded("NO DIALTONE")), ("FAIL", .failure("FAIL")),
            ("busy p...", .failure("busy p...")),
        ])
    func finals(_ line: String, _ expected: ATFinal) {
        #expect(ATFinal(line) == expected)
        #expect(ATFinal(line)?.description == line)
    }

    @Test("digits are results only of a module that answers in digits")
    func digits() {
        #expect(ATFinal("0") == nil)
        #expect(ATFinal("0", numeric: true) == .ok)
        #expect(ATFinal("4", numeric: true) == .error)
        #expect(ATFinal("2", numeric: true) == nil)
        #expect(ATFinal("OK", numeric: true) == .ok)
    }

    @Test("a refusal's own words stay out of its bare form")
    func bare() {
        #expect(ATFinal.equipment(code: nil, text: "cannot run AT+X=\"s\"").bare == "+CME ERROR")
        #expect(ATFinal.equipment(code: 10, text: "10").bare == "+CME ERROR: 10")
    }

    @Test(
        "a line is what it is to the running command",
        arguments: [
            ("AT+CGSN", ATAnswer.Line.echo), ("490154203237518", .information("490154203237518")),
            ("+CGSN: 490154203237518", .information("+CGSN: 490154203237518")), ("OK", .final(.ok)),
            ("RDY", .unsolicited("RDY")), ("WIFI GOT IP", .unsolicited("WIFI GOT IP")),
            ("+CEREG: 1", .unsolicited("+CEREG: 1")), ("^MODE: 17", .unsolicited("^MODE: 17")), ("CONNECT", .connect),
            ("AT+CGS", .unknown("AT+CGS")), ("xAT+CGSN", .unknown("xAT+CGSN")), ("4901\u{1}", .damaged),
            ("  OK ", .final(.ok)),
        ])
    func judged(_ line: String, _ expected: ATAnswer.Line) {
        let answer = ATAnswer(command: Array("AT+CGSN".utf8), prefix: "+CGSN", takesBare: true)
        #expect(answer.judge(Array(line.utf8)) == expected)
    }

    @Test("a command without bare answers takes no stray digits for information")
    func stray() {
        let answer = ATAnswer(command: Array("AT+CIPSTAMAC?".utf8), prefix: "+CIPSTAMAC")
        #expect(answer.judge(Array("490154203237518".utf8)) == .unknown("490154203237518"))
    }

    @Test("another line may end a command well")
    func success() {
        let answer = ATAnswer(command: [], prefix: nil, success: "STORED")
        #expect(answer.judge(Array("STORED".utf8)) == .final(.ok))
    }

    @Test(
        "an answer's prefix is its command's name",
        arguments: [
            ("AT+CGSN=1", "+CGSN"), ("AT+CIPSTAMAC?", "+CIPSTAMAC"), ("at^sysinfo", "^SYSINFO"), ("ATE0", nil),
            ("AT", nil), ("", nil),
        ] as [(String, String?)])
    func prefix(_ command: String, _ expected: String?) {
        #expect(ATText.prefix(ofCommand: command) == expected)
    }
}

import Bench
import BoardProtocols
import Foundation
import Simulation
import Testing

@Suite("AT session") struct ATSessionTests {
    @Test("a module that needs several tries to find the rate is opened", arguments: [0, 3, 8])
    func autoBaud(_ deaf: Int) async throws {
        var settings = ATModuleSettings(.lteCat1)
        settings.deafLines = deaf
        try await ATBench.with(settings) { bench in
            let lines = try await bench.session { session in
                try session.open()
                return try session.command("AT+CGMM", bare: true).lines
            }
            #expect(lines == ["EC800M"])
        }
    }

    @Test("a module that never answers is silence, one that babbles is noise")
    func silence() async throws {
        struct Babbler: WireModel {
            let answer: [UInt8]
            mutating func receive(_ input: [UInt8]) -> [WireAction] { answer.isEmpty ? [] : [.send(answer)] }
        }
        for (answer, kind) in [("", LoaderError.Kind.noResponse), ("\r\nO\u{1}K\r\n", .noise), ("KO", .noise)] {
            let flash = try FlashChip(file: nil)
            try await ATBench.with(Babbler(answer: Array(answer.utf8)), flash: flash) { bench in
                let error = await #expect(throws: LoaderError.self) {
                    _ = try await bench.session { try $0.open(tries: 2) }
                }
                #expect(error?.kind == kind, "\(answer)")
            }
        }
    }

    @Test("a module that babbles without end does not hold a command up without end")
    func babble() async throws {
        /// Answers AT, and anything else by a flood that goes on for longer than anyone waits.
        struct Flood: WireModel {
            mutating func receive(_ input: [UInt8]) -> [WireAction] {
                guard input.contains(UInt8(ascii: "X")) else { return [.send(Array("\r\nOK\r\n".utf8))] }
                return (0..<2000).map { _ in .sendAfter(.milliseconds(5), Array("\r\n+IPD: 1\r\n".utf8)) }
            }
        }
        try await ATBench.with(Flood(), flash: try FlashChip(file: nil)) { bench in
            let error = await #expect(throws: LoaderError.self) {
                _ = try await bench.session { session in
                    try session.open()
                    _ = try session.command("ATX", timeout: .milliseconds(200))
                }
            }
            #expect(error?.kind == .noResponse)
        }
    }

    @Test("a module that answers in digits is asked for words")
    func digits() async throws {
        var settings = ATModuleSettings(.lteCat1)
        settings.isNumeric = true
        try await ATBench.with(settings) { bench in
            let lines = try await bench.session { session in
                try session.open()
                return try session.command("AT+CGSN", bare: true).lines
            }
            #expect(lines == ["490154203237518"])
        }
    }

    @Test("a refusal carries the module's words, and the session goes on", arguments: [false, true])
    func refusal(_ names: Bool) async throws {
        var settings = ATModuleSettings(.lteCat1)
        settings.iccid = nil
        settings.namesErrors = names
        try await ATBench.with(settings) { bench in
            let (error, lines) = try await bench.session { session -> (LoaderError?, [String]) in
                try session.open()
                var caught: LoaderError?
                do { _ = try session.command("AT+QCCID") } catch let error as LoaderError { caught = error }
                return (caught, try session.command("AT+CGMM", bare: true).lines)
            }
            #expect(error?.kind == .protocolError)
            #expect(error?.received == (names ? "+CME ERROR: SIM not inserted" : "+CME ERROR: 10"))
            #expect(lines == ["EC800M"])
        }
    }

    @Test("a late answer is not taken for the next command's")
    func late() async throws {
        var settings = ATModuleSettings(.lteCat1)
        settings.echoes = false
        settings.delay = .milliseconds(100)
        try await ATBench.with(settings) { bench in
            let (kind, lines) = try await bench.session { session -> (LoaderError.Kind?, [String]) in
                try session.open()
                var caught: LoaderError?
                do { _ = try session.command("AT+CGSN", bare: true, timeout: .milliseconds(10)) } catch let error
                    as LoaderError
                {
                    caught = error
                }
                return (caught?.kind, try session.command("AT+CGMM", bare: true).lines)
            }
            #expect(kind == .noResponse)
            #expect(lines == ["EC800M"])
        }
    }

    @Test("unsolicited lines are kept apart from the answer, the last 200 of them")
    func unsolicited() async throws {
        var settings = ATModuleSettings(.espAT)
        settings.unsolicited = ["+IPD: 1"]
        try await ATBench.with(settings) { bench in
            let (result, kept) = try await bench.session { session -> (ATResult, [String]) in
                try session.open()
                let result = try session.command("AT+CWMODE?")
                for _ in 0..<60 { _ = try session.command("AT+GMR", bare: true) }
                return (result, session.urcs)
            }
            #expect(result.lines == ["+CWMODE:1"])
            #expect(result.urcs == ["+IPD: 1", "+IPD: 1"])
            #expect(kept == [String](repeating: "+IPD: 1", count: 200))
        }
    }

    @Test("a file is sent after CONNECT and lies in the module")
    func upload() async throws {
        try await ATBench.with(ATModuleSettings(.lteCat1)) { bench in
            let (stored, list) = try await bench.session { session -> ([String], [String]) in
                try session.open()
                let stored = try session.send("AT+QFUPL=\"a.txt\",6", data: Array("a\r\nOK\n".utf8))
                return (stored.lines, try session.command("AT+QFLST=\"a.txt\"").lines)
            }
            #expect(stored == ["+QFUPL: 6,2048"])
            #expect(list == ["+QFLST: \"a.txt\",6"])
        }
    }

    @Test("a module tells its owner that it joined, left and started anew, and forgets its settings")
    func events() async throws {
        try await ATBench.with(ATModuleSettings(.espAT)) { bench in
            let lines = try await bench.session { session -> ([String], [String]) in
                try session.open()
                _ = try session.command("AT+CWMODE=1")
                let joined = try session.command("AT+CWJAP=\"line 3\",\"pass\"").urcs
                let asked = try session.command("AT+CWJAP?").lines
                _ = try session.command("AT+CWQAP")
                _ = try session.command("AT+RST")
                try session.open()
                return (joined, asked)
            }
            #expect(lines.0 == ["WIFI CONNECTED", "WIFI GOT IP"])
            #expect(lines.1.first?.hasPrefix("+CWJAP:\"line 3\"") == true)
            var module = await bench.module
            #expect(module?.takeEvents() == [.joined(ssid: "line 3"), .left, .reset])
            #expect(module?.takeEvents() == [])
            let actions = await bench.host.actions
            #expect(actions == [.restart])
        }
    }

    @Test("a command line cannot smuggle in a second one")
    func lineEnd() async throws {
        try await ATBench.with(ATModuleSettings(.espAT)) { bench in
            let error = await #expect(throws: LoaderError.self) {
                _ = try await bench.session { session in
                    try session.open()
                    _ = try session.command("AT+GMR\rAT+RESTORE")
                }
            }
            #expect(error?.kind == .protocolError)
        }
    }
}

import Bench
import BoardProtocols
import Foundation
import Provisioning
import Simulation
import Testing

@Suite("Identity by AT commands") struct ATIdentityTests {
    static let chatter = [
        "+QIND: \"csq\",99,99", "RDY", "+CEREG: 1", "WIFI CONNECTED", "+CGSN_X: 490154203237526", "^MODE: 17,17",
    ]

    private static func expectLTE(_ found: ATIdentity, _ settings: ATModuleSettings) {
        #expect(found.board.identityText == settings.imei)
        #expect(found.board.iccid == settings.iccid)
        #expect(found.board.chip == settings.model)
        #expect(found.firmware == settings.firmware)
        #expect(found.board.mac == [])
    }

    @Test(
        "the IMEI is right with and without echo, among chatter and 100 kB of noise, in every form of the answer",
        arguments: [true, false], [0, 1, 2])
    func torture(echo: Bool, trouble: Int) async throws {
        for form in ATModuleSettings.SerialForm.allCases {
            var settings = ATModuleSettings(.lteCat1)
            settings.echoes = echo
            settings.keepsEcho = echo && trouble == 1
            settings.serialForm = form
            settings.unsolicited = trouble == 0 ? [] : Self.chatter
            settings.garbage = trouble == 2 ? 5000 : 0
            settings.deafLines = trouble
            try await ATBench.with(settings) { [settings] bench in
                if trouble == 2 {
                    var state: UInt32 = 99
                    let noise = (0..<100_000).map { _ -> UInt8 in
                        state = state &* 1_664_525 &+ 1_013_904_223
                        return UInt8(truncatingIfNeeded: state >> 16)
                    }
                    await bench.host.say(noise)
                }
                let found = try await bench.session { session in
                    try session.open()
                    return try ATIdentity.read(.lte, from: session)
                }
                Self.expectLTE(found, settings)
                #expect(found.board.uidSource == .identity)
                #expect(found.board.uid == Array(settings.imei.utf8))
            }
        }
    }

    @Test(
        "on a damaged line a module has its own identity or none, never another", arguments: Array(UInt64(1)...24))
    func damage(_ seed: UInt64) async throws {
        var settings = ATModuleSettings(.lteCat1)
        settings.damage = [0.02, 0.004, 0.001, 0.01][Int(seed % 4)]
        try await ATBench.with(settings, seed: seed) { [settings] bench in
            do {
                let found = try await bench.session { session in
                    try session.open()
                    return try ATIdentity.read(.lte, from: session)
                }
                #expect(found.board.identityText == settings.imei)
                #expect(found.board.iccid == settings.iccid)
            } catch let error as LoaderError {
                #expect([.noise, .noResponse, .protocolError].contains(error.kind), "\(error)")
            }
        }
    }

    @Test("a Wi-Fi module's MAC is six octets")
    func wifi() async throws {
        var settings = ATModuleSettings(.espAT)
        settings.unsolicited = Self.chatter
        try await ATBench.with(settings) { bench in
            let found = try await bench.session { session in
                try session.open()
                return try ATIdentity.read(.espAT, from: session)
            }
            #expect(found.board.mac == [0x7C, 0xDF, 0xA1, 0, 0, 4])
            #expect(found.board.uid == found.board.mac)
            #expect(found.board.uidSource == .mac)
            #expect(found.board.iccid == nil)
            #expect(found.firmware?.hasPrefix("AT version:") == true)
        }
    }

    @Test("a module's own serial number is a UID, unless it is the IMEI once more", arguments: [false, true])
    func serial(_ ignoresArgument: Bool) async throws {
        var settings = ATModuleSettings(.lteCat1)
        if ignoresArgument { settings.serialForm = .ignoresArgument }
        var commands = ATIdentityCommands.lte
        commands.serialCommand = "AT+CGSN=0"
        try await ATBench.with(settings) { [commands, settings] bench in
            let found = try await bench.session { session in
                try session.open()
                return try ATIdentity.read(commands, from: session)
            }
            #expect(found.board.uidSource == (ignoresArgument ? .identity : .module))
            #expect(found.board.uid == Array((ignoresArgument ? settings.imei : settings.serial).utf8))
        }
    }

    @Test("a serial number is taken by the profile's pattern")
    func pattern() async throws {
        var commands = ATIdentityCommands.lte
        commands.identity = .sn(command: "AT+CGSN=0", pattern: try .init("CGSN: \"(MP\\w+)\""))
        try await ATBench.with(ATModuleSettings(.lteCat1)) { [commands] bench in
            let found = try await bench.session { session in
                try session.open()
                return try ATIdentity.read(commands, from: session)
            }
            #expect(found.board.identityText == "MP1624C19000042")
        }
    }

    @Test("an IMEI with a wrong check digit, a blank MAC and a missing SIM card are errors that say so")
    func refused() async throws {
        func failure(_ settings: ATModuleSettings, _ commands: ATIdentityCommands) async throws -> LoaderError? {
            var failure: LoaderError?
            try await ATBench.with(settings) { bench in
                failure = await #expect(throws: LoaderError.self) {
                    _ = try await bench.session { session in
                        try session.open()
                        return try ATIdentity.read(commands, from: session)
                    }
                }
            }
            return failure
        }
        var wrongDigit = ATModuleSettings(.lteCat1)
        wrongDigit.imei = "490154203237519"
        let digit = try await failure(wrongDigit, .lte)
        #expect(digit?.kind == .protocolError)
        #expect(digit?.sentence.contains("check digit 8") == true)
        var blank = ATModuleSettings(.espAT)
        blank.mac = "00:00:00:00:00:00"
        let mac = try await failure(blank, .espAT)
        #expect(mac?.kind == .protocolError)
        #expect(mac?.sentence.contains("allZero") == true)
        var noCard = ATModuleSettings(.lteCat1)
        noCard.iccid = nil
        let card = try await failure(noCard, .lte)
        #expect(card?.kind == .protocolError)
        #expect(card?.received == "+CME ERROR: 10")
    }

    @Test("a trailing F of the SIM card's number is dropped")
    func padded() async throws {
        var settings = ATModuleSettings(.lteCat1)
        settings.iccid = "8986012345678901239"
        settings.padsICCID = true
        try await ATBench.with(settings) { bench in
            let found = try await bench.session { session in
                try session.open()
                return try ATIdentity.read(.lte, from: session)
            }
            #expect(found.board.iccid == "8986012345678901239")
        }
    }
}

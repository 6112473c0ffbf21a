import BoardProtocols
import Foundation
import Provisioning
import Testing

@testable import Simulation

@Suite("The simulated fixture")
struct BoardFixtureTests {
    /// A fixture with two slots and three boards for the length of `body`.
    static func withFixture<R>(_ body: (URL, [SimulatedFixture.SlotAddress]) async throws -> R) async throws -> R {
        try await withBoardFolder { folder in
            let plan = folder.appendingPathComponent("plan.json")
            let slots = ["A", "B"].map { #"{"name":"\#($0)","link":"\#(folder.path)/\#($0)"}"# }
            let boards = (1...3).map {
                #"{"id":\#($0),"mac":"7CDFA100000\#(["4", "8", "C"][$0 - 1])","uid":null,"sn":null,"imei":null,"#
                    + #""flash":"\#(folder.path)/\#($0).flash","fault":null}"#
            }
            let text = """
                {"slots":[\(slots.joined(separator: ","))],"boards":[\(boards.joined(separator: ","))],"cloud":null,
                "channel":"mqtt","pace":null,"retry_seconds":2,"device_name":"{mac}"}
                """
            try Data(text.utf8).write(to: plan)
            let fixture = try SimulatedFixture(try FixturePlan(file: plan.path))
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await fixture.run() }
                defer { group.cancelAll() }
                return try await body(folder, fixture.addresses)
            }
        }
    }

    static func command(_ line: String, _ slot: SimulatedFixture.SlotAddress) async throws -> String {
        try await onThread { try BoardTestClient(slot.control).command(line) }
    }

    @Test("a placed board's port appears, a removed one's hangs up and goes")
    func placeAndRemove() async throws {
        try await Self.withFixture { (_, slots) async throws -> Void in
            let slot = slots[0]
            #expect(try await Self.command("present?", slot) == "no")
            #expect(try await Self.command("loader", slot).hasPrefix("error "))
            #expect(try await Self.command("place 2", slot) == "ok")
            #expect(try await Self.command("present?", slot) == "yes")
            let hungUp = try await onThread {
                let client = try BoardTestClient(slot.port)
                #expect(try client.ask(.readRegister(0x6000_8844)).value == 0xA100_0008)
                #expect(try BoardTestClient(slot.control).command("remove") == "ok")
                return client.read(within: 30) == nil
            }
            #expect(hungUp)
            #expect(!FileManager.default.fileExists(atPath: slot.port))
            #expect(try await Self.command("present?", slot) == "no")
            #expect(try await Self.command("remove", slot).hasPrefix("error "))
        }
    }

    @Test("a board is on one slot at most, a slot takes one board")
    func oneEach() async throws {
        try await Self.withFixture { (_, slots) async throws -> Void in
            #expect(try await Self.command("place 1", slots[0]) == "ok")
            #expect(try await Self.command("place 1", slots[1]) == "error board 1 is on slot A; remove it there first")
            #expect(try await Self.command("place 2", slots[0]) == "error board 1 is on slot A; remove it first")
            #expect(try await Self.command("place 9", slots[1]).hasPrefix("error board 9 is not in the plan"))
            #expect(try await Self.command("remove", slots[0]) == "ok")
            #expect(try await Self.command("place 1", slots[1]) == "ok")
        }
    }

    @Test("power and loader are switched over the control socket, several lines on one connection")
    func power() async throws {
        try await Self.withFixture { (_, slots) async throws -> Void in
            let slot = slots[0]
            let log = try await onThread {
                let control = try BoardTestClient(slot.control)
                var answers = [try control.command("place 3")]
                let client = try BoardTestClient(slot.port)
                answers.append(try control.command("off"))
                try client.write(EspressifRequest.sync.frame)
                #expect(client.read(within: 0.3) == [])
                answers.append(try control.command("loader"))
                let text = try client.lines(until: "waiting for download")
                #expect(try client.ask(.sync).value != 0)
                answers.append(try control.command("run"))
                _ = try client.lines(until: "invalid header: 0xffffffff")
                answers.append(try control.command("fly"))
                #expect(answers.prefix(4) == ["ok", "ok", "ok", "ok"])
                #expect(answers[4].hasPrefix("error \"fly\""))
                return text
            }
            #expect(log.contains("rst:0x1 (POWERON),boot:0x4"))
        }
    }

    @Test("the ready file holds every slot with port and control socket")
    func readyFile() async throws {
        try await Self.withFixture { (folder, slots) async throws -> Void in
            let file = folder.appendingPathComponent("ready.json")
            try BoardReadyFile.write(slots, to: file)
            struct Ready: Decodable {
                struct Slot: Decodable { let name: String, port: String, control: String }
                let slots: [Slot]
            }
            let ready = try JSONDecoder().decode(Ready.self, from: Data(contentsOf: file))
            #expect(ready.slots.map(\.name) == ["A", "B"])
            #expect(ready.slots[1].control == slots[1].control)
            #expect(ready.slots[0].port == slots[0].port)
        }
    }

    @Test(
        "options are read from text, or refused with what was expected",
        arguments: [
            ("stuck-bit:0x10000:3", BoardFault.stuckBit(.init(offset: 0x10000, bit: 3, value: nil))),
            ("stuck-bit:5:0:1", .stuckBit(.init(offset: 5, bit: 0, value: true))),
            ("garbage:7:0.01", .garbage(seed: 7, rate: 0.01)), ("no-boot", .noBoot),
            ("wrong-product-secret", .wrongProductSecret), ("forgets-credential", .forgetsCredential),
            ("wrong-proof", .wrongProof),
        ])
    func faults(text: String, fault: BoardFault) throws {
        #expect(try BoardFault(parsing: text) == fault)
        let copy = try JSONDecoder().decode(BoardFault.self, from: JSONEncoder().encode(fault))
        #expect(copy == fault)
        #expect(throws: BoardError.self) { try BoardFault(parsing: text + ":x") }
    }

    @Test(
        "a plan says how the boards register and whether they have a network",
        arguments: [
            ("", RegistrationMode.preRegistered, true),
            (#","registration":"pre-registered","network":true,"channel":"https""#, .preRegistered, true),
            (#","registration":"no-preregistration","network":false"#, .noPreregistration, false),
        ])
    func registration(keys: String, registration: RegistrationMode, network: Bool) throws {
        let text = #"{"slots":[],"boards":[{"id":1,"mac":"7CDFA1000004","flash":"x.flash"}]\#(keys)}"#
        let plan = try JSONDecoder().decode(FixturePlan.self, from: Data(text.utf8))
        let firmware = try #require(try plan.tray()[1]).firmware
        #expect(firmware.registration == registration)
        #expect(firmware.hasNetwork == network)
    }

    @Test("a plan with an unknown mode, or with HTTPS without pre-registration, is refused")
    func registrationRefused() throws {
        let unknown = #"{"slots":[],"boards":[],"registration":"none"}"#
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(FixturePlan.self, from: Data(unknown.utf8)) }
        let https = #"{"slots":[],"boards":[],"registration":"no-preregistration","channel":"https"}"#
        let plan = try JSONDecoder().decode(FixturePlan.self, from: Data(https.utf8))
        #expect(throws: BoardError.self) { try plan.tray() }
    }

    @Test("an identity that cannot be burnt is refused")
    func identities() throws {
        let good = try BoardIdentity(
            parsing: "mac=7C:DF:A1:00:00:04,uid=000102030405060708090a0b0c0d0e0f,imei=490154203237518")
        #expect(good.uid == Array(0...15))
        #expect(good.userData == "490154203237518")
        for bad in [
            "", "mac=7CDFA1", "mac=7CDFA1000004,uid=00", "mac=7CDFA1000004,sn=A,imei=B", "mac=1,mac=2", "color=red",
        ] {
            #expect(throws: BoardError.self) { try BoardIdentity(parsing: bad) }
        }
    }
}

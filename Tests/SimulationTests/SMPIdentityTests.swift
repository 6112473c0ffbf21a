import BoardProtocols
import Provisioning
import Simulation
import Testing

@testable import Bench

@Suite("SMP identity and credential of a running application", .timeLimit(.minutes(5)))
struct SMPIdentityTests {
    /// An application with these settings.
    private static func with<R: Sendable>(
        settings: [String: [UInt8]] = [:], _ change: (inout SMPServerModel) -> Void = { _ in },
        _ body: @escaping @Sendable (SMPSession) throws -> R
    ) async throws -> R {
        var model = SMPBed.model(.application, try SMPBed.flash())
        change(&model)
        return try await SMPBed.with(model) { bed in
            try await bed.onSlot { link in
                let session = SMPSession(link: link)
                try session.connect()
                for (name, value) in settings { _ = try session.ask(.writeSetting(name, value)) }
                return try body(session)
            }
        }
    }

    @Test("the device id comes from the shell, the identity from a setting")
    func reading() async throws {
        let identity = SMPIdentity(
            chip: "nRF5340", deviceID: try SMPIdentity.hardwareID(),
            identity: .init(.setting("factory/imei"), try ConsolePattern("^([0-9]{15})$")))
        let reading = try await Self.with(settings: ["factory/imei": Array("490154203237518".utf8) + [0]]) {
            try identity.read($0)
        }
        #expect(reading.chip == "nRF5340")
        #expect(reading.uidHex == "0011223344556677")
        #expect(reading.uidSource == .chip)
        #expect(reading.identityText == "490154203237518")
        #expect(reading.mac == [])
    }

    @Test("without a device id the identity stands for it, and its source says so; OS info is a source too")
    func withoutDeviceID() async throws {
        let identity = SMPIdentity(
            chip: "STM32", deviceID: nil, identity: .init(.osInfo(format: "nv"), try ConsolePattern("(v\\S+)")))
        let reading = try await Self.with { try identity.read($0) }
        #expect(reading.identityText == "v4.1.0")
        #expect(reading.uid == Array("v4.1.0".utf8))
        #expect(reading.uidSource == .mac)
    }

    @Test("the device id alone names the board, and a setting that is no text is read as hex")
    func binary() async throws {
        let alone = SMPIdentity(chip: "X", deviceID: try SMPIdentity.hardwareID(), identity: nil)
        let mac = SMPIdentity(
            chip: "X", deviceID: nil, identity: .init(.setting("mac"), try ConsolePattern("^([0-9A-F]{12})$")))
        let readings = try await Self.with(settings: ["mac": [0xA4, 0xCF, 0x12, 0, 0, 1]]) {
            [try alone.read($0), try mac.read($0)]
        }
        #expect(readings[0].identityText == "0011223344556677")
        #expect(readings[1].identityText == "A4CF12000001")
    }

    @Test("a missing setting, a failing command, a blank id and a pattern that does not fit are errors")
    func refusals() async throws {
        let pattern = try ConsolePattern("(.+)")
        func read(_ query: SMPIdentity.Query, id: Bool = false, deviceID: [UInt8] = [1, 2, 3, 4]) async throws -> String
        {
            let identity = SMPIdentity(chip: "X", deviceID: id ? query : nil, identity: id ? nil : query)
            return try await Self.with({ $0.deviceID = deviceID }) { session in
                let error = try SMPBed.failure { _ = try identity.read(session) }
                #expect(error.kind == .protocolError)
                return error.sentence
            }
        }
        let missing = try await read(.init(.setting("none"), pattern))
        #expect(missing.contains("no setting none"))
        let failing = try await read(.init(.shell(["imei"]), pattern))
        #expect(failing.contains("\"imei\" failed on the board with -8"))
        let other = try await read(.init(.shell(["hwinfo", "devid"]), try ConsolePattern("IMEI (.+)")))
        #expect(other.contains("IMEI (.+)"))
        let blank = try await read(try SMPIdentity.hardwareID(), id: true, deviceID: [UInt8](repeating: 0xFF, count: 8))
        #expect(blank.contains("blank"))
        let short = try await read(try SMPIdentity.hardwareID(), id: true, deviceID: [1, 2])
        #expect(short.contains("no hexadecimal number"))
    }

    @Test("two readings that differ are an error and not an identity")
    func unsteady() async throws {
        /// Another device id each time it is asked.
        struct Unsteady: WireModel {
            var server: SMPServerModel
            mutating func receive(_ input: [UInt8]) -> [WireAction] {
                server.deviceID[0] &+= 1
                return server.receive(input)
            }
        }
        let model = SMPBed.model(.application, try SMPBed.flash())
        let identity = SMPIdentity(chip: "X", deviceID: try SMPIdentity.hardwareID(), identity: nil)
        try await SMPBed.with(model) { bed in
            await bed.host.replace(Unsteady(server: model))
            let error = try await bed.onSlot { link in
                let session = SMPSession(link: link)
                try session.connect()
                return try SMPBed.failure { _ = try identity.read(session) }
            }
            #expect(error.kind == .otherBoard)
        }
    }

    @Test("the credential is written once, saved, read back, and there after a reset")
    func credential() async throws {
        let credential = SMPCredential(productKey: "a1B2c3D4e5F", productSecret: Secret("s3cr3t-Value"))
        let flash = try SMPBed.flash()
        try await SMPBed.with(SMPBed.model(.application, flash)) { bed in
            try await bed.onSlot { link in
                let session = SMPSession(link: link)
                try session.connect()
                let before = try credential.holds(session)
                #expect(!before)
                let first = try credential.write(session)
                let second = try credential.write(session)
                #expect(first && !second)
                try session.reset()
                let after = try credential.holds(session)
                #expect(after)
            }
            let fresh = SMPBed.model(.application, flash)
            await bed.host.replace(fresh)
            try await bed.onSlot { link in
                let session = SMPSession(link: link)
                try session.connect()
                let held = try credential.holds(session)
                let value = try session.readSetting("cred/product_key")
                #expect(held && value == Array("a1B2c3D4e5F".utf8))
            }
        }
    }

    @Test("an error of the credential names the setting or the reason, and never a value")
    func credentialErrors() async throws {
        let credential = SMPCredential(productKey: "a1B2c3D4e5F", productSecret: Secret("s3cr3t-Value"))
        let save = SMPFaults.Command(SMPGroup.settings, SMPGroup.Settings.store)
        let refused = try await Self.with({ $0.faults.refusals[save] = 2 }) { session in
            try SMPBed.failure { try credential.write(session) }
        }
        #expect(refused.sentence == "the board refused settings save: nomem (code 2)")
        /// Takes every setting and keeps another value.
        struct Forger: WireModel {
            var server: SMPServerModel
            private var decoder = SMPFrame.Decoder()
            init(_ server: SMPServerModel) { self.server = server }
            mutating func receive(_ input: [UInt8]) -> [WireAction] {
                var forged: [UInt8] = []
                for item in decoder.push(input) {
                    guard case .message(let bytes) = item, var message = try? SMPMessage(parsing: bytes) else {
                        continue
                    }
                    if message.group == SMPGroup.settings, message.operation == .write,
                        message.body["name"]?.text == "cred/product_secret"
                    {
                        message.body = .map([.init("name", .text("cred/product_secret")), .init("val", .bytes([1]))])
                    }
                    forged += SMPFrame.encode(message.encoded)
                }
                return server.receive(forged)
            }
        }
        let model = SMPBed.model(.application, try SMPBed.flash())
        try await SMPBed.with(model) { bed in
            await bed.host.replace(Forger(model))
            let error = try await bed.onSlot { link in
                let session = SMPSession(link: link)
                try session.connect()
                return try SMPBed.failure { try credential.write(session) }
            }
            #expect(error.kind == .verifyMismatch)
            #expect(error.sentence.contains("cred/product_secret"))
            var dumped = ""
            dump(error, to: &dumped)
            dump(credential, to: &dumped)
            #expect(!"\(error) \(dumped)".contains("s3cr3t-Value"))
        }
    }
}

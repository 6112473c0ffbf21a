import BoardProtocols
import Foundation
import Provisioning
import Simulation
import Testing

@testable import Bench

@Suite("Credential by AT commands") struct ATCredentialTests {
    typealias Outcomes = (ATCredential.Outcome, ATCredential.Outcome, ATCredential.Outcome)

    static let key = "a1B2c3D4e5F"
    static let secretText = "q9ZxK7vWm2LbT4dHs8"
    static let manufacturing = ATCredential.manufacturing(
        namespace: "cred", productKeyName: "product_key", productSecretName: "product_secret")
    static let line = ATCredential.Line("AT+CRED=\"{product_key}\",\"{product_secret}\"")

    static func template(_ lines: [ATCredential.Line] = [line]) throws -> ATCredential {
        .template(
            .init(
                lines: lines,
                readBack: .init(
                    command: "AT+CREDSHA?", pattern: try .init("CREDSHA: \"([0-9a-f]{64})\""), value: .secretDigest)))
    }

    private static func write(
        _ method: ATCredential, _ session: ATSession, secret: String = secretText
    ) throws -> ATCredential.Outcome {
        try ATCredentialWriter(
            session: session, method: method, productKey: key, productSecret: Secret(secret)
        ).write()
    }

    @Test(
        "AT+SYSMFG stores both values in flash, proves them by reading, and leaves equal ones alone",
        arguments: [false, true])
    func manufactured(_ chatter: Bool) async throws {
        var settings = ATModuleSettings(.espAT)
        settings.keepsEcho = chatter
        settings.unsolicited = chatter ? ["WIFI GOT IP"] : []
        settings.confirmsBeforePrompt = chatter
        try await ATBench.with(settings) { bench in
            let (first, again, changed) = try await bench.session { session -> Outcomes in
                try session.open()
                return (
                    try Self.write(Self.manufacturing, session), try Self.write(Self.manufacturing, session),
                    try Self.write(Self.manufacturing, session, secret: "with\r\nOK\r\nin it")
                )
            }
            #expect(first == .init(proof: .readBack, written: true))
            #expect(again == .init(proof: .readBack, written: false))
            #expect(changed == .init(proof: .readBack, written: true))
            let stored = try NVSPartition(parsing: bench.flash.read(0x21000, 0x6000))
            #expect(stored.value("product_key", in: "cred")?.text == Self.key)
            #expect(stored.value("product_secret", in: "cred")?.text == "with\r\nOK\r\nin it")
        }
    }

    @Test("a template is sent, proved by the secret's SHA-256, and not sent again")
    func templated() async throws {
        try await ATBench.with(ATModuleSettings(.lteCat1)) { bench in
            let template = try Self.template()
            let (first, again) = try await bench.session { session -> (ATCredential.Outcome, ATCredential.Outcome) in
                try session.open()
                return (try Self.write(template, session), try Self.write(template, session))
            }
            #expect(first == .init(proof: .digest, written: true))
            #expect(again == .init(proof: .digest, written: false))
        }
    }

    @Test("a file with the credential goes to the module after CONNECT; only its key is read back")
    func file() async throws {
        let method = ATCredential.template(
            .init(
                lines: [.init("AT+QFUPL=\"cred\",{length}", data: "pk={product_key}\r\nps={product_secret}\r\n")],
                readBack: .init(
                    command: "AT+QFDWL=\"cred\"", pattern: try .init("^pk=(\\w+)$"), value: .productKey)))
        try await ATBench.with(ATModuleSettings(.lteCat1)) { bench in
            let outcome = try await bench.session { session -> (ATCredential.Outcome, [String]) in
                try session.open()
                return (try Self.write(method, session), session.urcs)
            }
            #expect(outcome.0 == .init(proof: .keyOnly, written: true))
            #expect(!outcome.1.joined().contains(Self.secretText))
            let stored = try NVSPartition(parsing: bench.flash.read(0x10000, 0x6000))
            #expect(
                stored.value("cred", in: "files") == .blob(Array("pk=\(Self.key)\r\nps=\(Self.secretText)\r\n".utf8)))
        }
    }

    @Test("firmware that cannot say what it holds gives the weakest proof, each time")
    func unproved() async throws {
        let method = ATCredential.template(.init(lines: [.init("AT+CRED=\"{product_key}\",\"{product_secret}\"")]))
        try await ATBench.with(ATModuleSettings(.lteCat1)) { bench in
            let outcomes = try await bench.session { session -> [ATCredential.Outcome] in
                try session.open()
                return [try Self.write(method, session), try Self.write(method, session)]
            }
            #expect(outcomes == [ATCredential.Outcome](repeating: .init(proof: .acceptedOnly, written: true), count: 2))
        }
    }

    @Test("another credential after the write is a mismatch")
    func mismatch() async throws {
        let method = try Self.template([.init("AT+CRED=\"{product_key}\",\"x{product_secret}\"")])
        try await ATBench.with(ATModuleSettings(.lteCat1)) { bench in
            let error = await #expect(throws: LoaderError.self) {
                _ = try await bench.session { session in
                    try session.open()
                    return try Self.write(method, session)
                }
            }
            #expect(error?.kind == .verifyMismatch)
            #expect(error.map { !"\($0)".contains(Self.secretText) } == true)
        }
    }

    @Test("a module that refuses the credential's command has refused the credential, and the error says so")
    func refused() async throws {
        let wrong = ATCredential.template(.init(lines: [.init("AT+NOSUCH=\"{product_key}\",\"{product_secret}\"")]))
        try await ATBench.with(ATModuleSettings(.espAT)) { bench in
            let method = ApplicationMethod(
                reader: ATReader(commands: .espAT, chip: "esp-at"), writer: nil, needsLoader: false,
                credential: ATCredentialMethod(method: wrong))
            let board = BoardConnection(
                slot: "slot01", port: try PortAddress(bench.link), options: .init(method: .init(.application(method))))
            let plan = try FlashPlan(regions: [], allowsEmpty: true)
            let credential = ProductCredential(productKey: Self.key, productSecret: Secret(Self.secretText))
            let error = await #expect(throws: LoaderError.self) {
                _ = try await board.flash(plan, credential: credential, beforeErase: { _ in })
            }
            await board.close()
            #expect(error?.kind == .credentialRefused && error?.region == "credential")
            #expect(error.map { !"\($0)".contains(Self.secretText) } == true)
        }
    }

    @Test(
        "a secret that a command line cannot carry is refused without being shown", arguments: ["a\"b", "a\rb", "a b"])
    func unfit(_ secret: String) async throws {
        let template = try Self.template()
        try await ATBench.with(ATModuleSettings(.lteCat1)) { bench in
            let error = await #expect(throws: LoaderError.self) {
                _ = try await bench.session { session in
                    try session.open()
                    return try Self.write(template, session, secret: secret)
                }
            }
            #expect(error?.kind == .protocolError)
            #expect(error.map { !"\($0)".contains(secret) } == true)
        }
    }

    @Test(
        "no error and no kept line shows the secret or a piece of it: echo, quoting refusals, damage, chatter",
        arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func unseen(_ seed: UInt64) async throws {
        var settings = ATModuleSettings(seed.isMultiple(of: 2) ? .espAT : .lteCat1)
        settings.keepsEcho = true
        settings.repeatsCommandInErrors = true
        settings.unsolicited = ["+IPD: 1"]
        settings.damage = seed > 2 ? 0.01 : 0
        let wrong = ATCredential.template(.init(lines: [.init("AT+NOSUCH=\"{product_key}\",\"{product_secret}\"")]))
        let template = try Self.template()
        try await ATBench.with(settings, seed: seed) { bench in
            let texts = try await bench.session { session -> [String] in
                var texts: [String] = []
                for method in [wrong, template, Self.manufacturing] {
                    do {
                        try session.open()
                        _ = try Self.write(method, session)
                        _ = try session.command("AT")
                    } catch {
                        texts += ["\(error)", String(reflecting: error)]
                        var dumped = ""
                        dump(error, to: &dumped)
                        texts.append(dumped)
                    }
                }
                // What came late must stay unseen as well.
                do { _ = try session.command("AT") } catch { texts.append("\(error)") }
                return texts + session.urcs
            }
            let all = texts.joined(separator: "\n")
            #expect(!texts.isEmpty)
            for start in 0...Self.secretText.count - 6 {
                let piece = Self.secretText.dropFirst(start).prefix(6)
                #expect(!all.contains(piece), "a piece of the secret at \(start) is seen")
            }
        }
    }
}

import Crypto
import Foundation
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("The MES is asked before a run")
struct BeforeRunTests {
    private func ask(
        _ url: String, within limit: Duration = .seconds(20), onSilence: MESSettings.Silence = .hold,
        key: Secret? = CallBed.key, health: MESHealth = MESHealth()
    ) async throws -> BeforeRunCall.Verdict {
        let client = CallClient(caFile: nil)
        let settings = MESSettings(
            beforeRun: url, afterRun: nil, limit: limit, onSilence: onSilence, key: { key })
        let call = BeforeRunCall(station: "LINE-1", url: url, settings: settings, client: client, health: health)
        let mac = try CallBed.mac(1)
        let question = BeforeRunCall.Question(
            run: 7, slot: "3",
            order: WorkOrder(
                id: "WO-0001", terms: .init(productKey: "a1test", release: "1.0.0", profile: "esp32c3", quota: 5),
                state: .open), identity: .mac(mac), deviceName: try DeviceName(mac.hex))
        let result: Result<BeforeRunCall.Verdict, any Error>
        do { result = .success(try await call.ask(question)) } catch { result = .failure(error) }
        await client.shutdown()
        return try result.get()
    }

    @Test("it is told who asks, for which board and order, under a signature that anybody with the key can check")
    func question() async throws {
        try await PlantServer.with({ _, _ in .status(200, #"{"answer":"allow","extra":1.5}"#) }) {
            server async throws in
            #expect(try await ask(server.url + "/mes/before") == .allowed)
            let call = try #require(server.calls.first)
            #expect(call.path == "/hook/mes/before")
            #expect(call.json["event"] == "run.before" && call.json["station"] == "LINE-1" && call.json["slot"] == "3")
            #expect(call.json["order"] == "WO-0001" && call.json["run"] == 7)
            #expect(call.json["identity"] == "6055F9000001" && call.json["device_name"] == "6055F9000001")
            #expect(call.header("idempotency-key") == call.json["id"].string)
            let time = try #require(call.header("x-station-time"))
            #expect(abs(try #require(Double(time)) - Date().timeIntervalSince1970) < 60)
            let signed = Array("\(time).".utf8) + call.body
            let key = SymmetricKey(data: Array("a-key-that-is-shared-with-the-mes".utf8))
            let mac = HMAC<SHA256>.authenticationCode(for: signed, using: key)
            let hex = mac.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(call.header("x-station-signature") == "sha256=\(hex)")
        }
    }

    @Test("the signature is the one that openssl computes")
    func vector() {
        // printf '1764115200.{"a":1}' | openssl dgst -sha256 -hmac key
        let signature = CallSignature(
            id: "x", body: Array(#"{"a":1}"#.utf8), key: Secret("key"), time: Date(timeIntervalSince1970: 1_764_115_200)
        )
        #expect(signature.headers.contains { $0.0 == "x-station-signature" && $0.1 == Self.known })
    }

    static let known = "sha256=bee17f20a39445b63a693c1046d2d79d1146cf9b7b7eaadfa174c21a544c4b3a"

    static let refusals: [(String, FailureCode, String)] = [
        (#"{"answer":"refuse","as":"hold","text":"缺料"}"#, .mesHeld, "缺料"),
        (#"{"answer":"refuse","as":"fail","text":"AOI failed"}"#, .mesRefused, "AOI failed"),
        (#"{"answer":"refuse"}"#, .mesHeld, "the MES holds the board"),
        (#"{"answer":"refuse","as":"fail","text":null}"#, .mesRefused, "the MES refuses the board"),
        ("{\"answer\":\"refuse\",\"text\":\"a\\nb\\u202Ec\\u0007\"}", .mesHeld, "a b c "),
        (
            #"{"answer":"refuse","text":"\#(String(repeating: "x", count: 500))"}"#, .mesHeld,
            String(repeating: "x", count: 200)
        ),
    ]

    @Test("a refusal holds or fails the board as the MES says, with its text on one short line", arguments: refusals)
    func refused(answer: String, code: FailureCode, text: String) async throws {
        try await PlantServer.with({ _, _ in .status(200, answer) }) { server async throws in
            #expect(try await ask(server.url) == .refused(Failure(code, text)))
            #expect(server.calls.count == 1)
        }
    }

    @Test(
        "an answer that says neither is silence: the board is held",
        arguments: [
            PlantServer.Reply.status(200, "ok"), .status(200, #"{"answer":"maybe"}"#),
            .status(200, #"{"answer":"refuse","as":"later"}"#), .status(204), .status(401), .status(302),
            .status(500), .silence,
        ])
    func silence(reply: PlantServer.Reply) async throws {
        try await PlantServer.with({ _, _ in reply }) { server async throws in
            let health = MESHealth()
            let verdict = try await ask(server.url, within: .milliseconds(400), health: health)
            guard case .refused(let failure) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect(failure.code == .mesSilent && failure.outcome == .held)
            #expect(failure.detail.contains("no answer within 0.4 s") && failure.detail.contains("127.0.0.1"))
            #expect(health.reading.level == .bad)
        }
    }

    @Test("where the station is told to go on, silence lets the board run and stays on record")
    func goes() async throws {
        let port = try await freePort()
        let verdict = try await ask("http://127.0.0.1:\(port)", within: .milliseconds(300), onSilence: .go)
        guard case .unanswered(let sentence) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(sentence.contains("cannot be reached"))
        #expect(verdict.json["answer"] == "none-go" && verdict.json["text"].string == sentence)
    }

    @Test("trouble on the way is tried again within the time, under the same id")
    func again() async throws {
        try await PlantServer.with({ number, _ in number < 2 ? .status(503) : .status(200, #"{"answer":"allow"}"#) }) {
            server async throws in
            let health = MESHealth()
            #expect(try await ask(server.url, health: health) == .allowed)
            #expect(server.calls.count == 3)
            #expect(Set(server.calls.map { $0.json["id"].string }).count == 1)
            #expect(health.reading.level == .ok)
        }
    }

    @Test("without a sealed key nothing is sent")
    func keyless() async throws {
        try await PlantServer.with({ _, _ in .status(200, #"{"answer":"allow"}"#) }) { server async throws in
            let verdict = try await ask(server.url, within: .milliseconds(200), key: nil)
            #expect(verdict.json["text"].string?.contains("station secret set mes/key") == true)
            #expect(server.calls.isEmpty)
        }
    }

    @Test("a stop of the station ends the waiting at once")
    func stop() async throws {
        try await PlantServer.with({ _, _ in .silence }) { server async throws in
            let task = Task { try await ask(server.url, within: .seconds(600)) }
            _ = try await server.calls(1)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}

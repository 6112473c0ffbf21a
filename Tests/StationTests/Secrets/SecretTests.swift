import Foundation
import Provisioning
import Testing

extension ExecutableTests.Demos {
    @Suite("no secret leaves")
    struct SecretTests {
        @Test(
            "after a demo in which boards are refused, no secret stands outside boards/ and cloud/",
            .timeLimit(.minutes(3)))
        func demo() async throws {
            let arguments = [
                "--boards", "5", "--slots", "2", "--faults", "wrong-product-secret",
            ]
            try await DemoRun.with(arguments) { demo in
                #expect(demo.ended.code == 0)
                let list = try bytes(of: demo.folder + "/cloud/secrets.json")
                let secrets = try JSONDecoder().decode([String].self, from: list)
                // AccessKey, ProductSecret, and at least a DeviceSecret for each board that was registered.
                #expect(secrets.count >= 2 + 4)
                #expect(Set(secrets).count == secrets.count)
                let mode = try FileManager.default.attributesOfItem(atPath: demo.folder + "/cloud/secrets.json")
                #expect((mode[.posixPermissions] as? NSNumber)?.intValue == 0o600)
                let hunter = SecretHunter(secrets)
                // The refused board's complaint is among what was searched.
                let records = try await demo.records()
                #expect(
                    records.all("run.concluded").contains { $0.body.text.contains("register refused") })

                let (finds, files) = try hunter.finds(under: demo.folder, except: ["boards", "cloud"])
                #expect(finds.isEmpty, "\(finds)")
                #expect(files > 8)
                #expect(hunter.finds(in: Data(demo.ended.output.utf8)).isEmpty)
                #expect(hunter.finds(in: Data(demo.ended.error.utf8)).isEmpty)
                let export = try await Program.station.run(
                    ["journal", "export", "--format", "csv", "--data", demo.station])
                #expect(export.isSuccess && hunter.finds(in: Data(export.output.utf8)).isEmpty)
                // The same hunt does find them where they must be: in the boards' flash and at the cloud.
                #expect(try !hunter.finds(under: demo.folder + "/boards").finds.isEmpty)
                #expect(try hunter.finds(under: demo.folder + "/cloud").finds.count >= secrets.count)
            }
        }
    }
}

@Suite("the hunt for secrets itself")
struct SecretHunterTests {
    static let secret = "pQ7/+ x=%é~Zk2"

    static let planted: [(form: String, text: String)] = {
        let bytes = Array(secret.utf8)
        let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        var all = [
            ("raw", secret), ("hex", hex), ("HEX", hex.uppercased()), ("URL", "pQ7%2F%2B%20x%3D%25%C3%A9~Zk2"),
            ("url", stride(from: 0, to: hex.count, by: 2).map { "%" + hex.dropFirst($0).prefix(2) }.joined()),
            (
                "URL of all",
                stride(from: 0, to: hex.count, by: 2).map { "%" + hex.uppercased().dropFirst($0).prefix(2) }.joined()
            ),
        ]
        for before in 0..<7 {
            for after in 0..<4 {
                let message = [UInt8](repeating: 0xA5, count: before) + bytes + [UInt8](repeating: 0xFF, count: after)
                let text = Data(message).base64EncodedString()
                all.append(("base64 at \(before % 3)", text))
                let plain = text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
                all.append(("base64url at \(before % 3)", plain))
            }
        }
        return all
    }()

    @Test("a secret in a dump of words is found wherever in a word it begins", arguments: [2, 4, 8])
    func words(size: Int) {
        let secret = "abcdefghijklmnopqrstuvwxyz012345"
        let hunter = SecretHunter([secret])
        for before in 0..<size {
            let filled = Array(repeating: UInt8(ascii: "-"), count: before) + Array(secret.utf8)
            let padded = filled + Array(repeating: UInt8(ascii: "-"), count: (size - filled.count % size) % size)
            let words = stride(from: 0, to: padded.count, by: size).map { Array(padded[$0..<$0 + size]) }
            let offset = (size - before) % size
            #expect(
                hunter.finds(in: Data(words.flatMap { $0.reversed() }))
                    .contains("secret 0 as words of \(size) at \(offset)"))
            #expect(
                hunter.finds(in: Data(words.reversed().flatMap { $0 }))
                    .contains("secret 0 as words of \(size) at \(offset) backwards"))
        }
    }

    @Test("a secret is found with its bytes from last to first")
    func reversed() {
        let data = Data("..".utf8) + Data(Array(Self.secret.utf8).reversed()) + Data("..".utf8)
        #expect(SecretHunter([Self.secret]).finds(in: data).contains("secret 0 as reversed"))
    }

    @Test("a planted secret is found in each form", arguments: planted)
    func found(form: String, text: String) {
        let hunter = SecretHunter(["another secret", Self.secret])
        let found = hunter.finds(in: Data("before\(text)after".utf8))
        #expect(found.contains("secret 1 as \(form)"), "\(found)")
        #expect(found.allSatisfy { $0.hasPrefix("secret 1 ") })
    }

    @Test("nothing is found where there is nothing, and every form has been planted")
    func clean() {
        let hunter = SecretHunter([Self.secret])
        #expect(hunter.finds(in: Data("pQ7/+ x=%é~Zk3 and so on".utf8)).isEmpty)
        let forms = Set(hunter.patterns.map(\.form)).filter { !$0.hasPrefix("words of ") && $0 != "reversed" }
        #expect(forms == Set(Self.planted.map(\.form)))
    }

    @Test("files are searched by content and name, but for the folders left out")
    func files() async throws {
        try await withTemporaryFolder { folder in
            for place in ["kept/deep", "left"] {
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/\(place)", withIntermediateDirectories: true)
                try Data("xx\(Self.secret)".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(place)/.hidden"))
            }
            let hunter = SecretHunter([Self.secret])
            let (finds, files) = try hunter.finds(under: folder, except: ["left"])
            #expect(finds == ["secret 0 as raw in kept/deep/.hidden"] && files == 1)
        }
    }
}

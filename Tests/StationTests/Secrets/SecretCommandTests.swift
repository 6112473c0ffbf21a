import Foundation
import Provisioning
import Testing

@testable import station

extension ExecutableTests {
    @Suite("secrets at the command line")
    struct SecretCommandTests {
        static let value = "hunt-me-0123456789"

        private static func configuration(_ folder: String, _ vault: String) throws -> String {
            let file = folder + "/station.toml"
            try """
            [station]
            id = "bed"
            data = "data"

            [cloud]
            openapi = "https://127.0.0.1:1"
            mqtt = "127.0.0.1:1"
            access_key_id = "LTAI"
            qps_share = 1

            \(vault)

            [[slots]]
            name = "1"
            profile = "esp32c3"
            port = "socket://127.0.0.1:1"
            control = "socket://127.0.0.1:1"

            """.write(toFile: file, atomically: true, encoding: .utf8)
            return file
        }

        @Test("set, rotate and list: a value comes on standard input and stands in no output")
        func rotate() async throws {
            try await withTemporaryFolder { folder in
                let file = try Self.configuration(folder, "")
                func run(_ words: String..., input: String = "") async throws -> Program.Ended {
                    let ended = try await Program.station.run(words + ["--config", file], input: input)
                    #expect(!(ended.output + ended.error).contains(Self.value))
                    return ended
                }
                #expect(try await run("secret", "set", "product/pk", input: Self.value + "\n").isSuccess)
                let key = try bytes(of: folder + "/data/vault/key")
                let rotated = try await run("secret", "rotate")
                #expect(rotated.output.contains("product/pk is sealed anew"), "\(rotated.error)")
                #expect(try bytes(of: folder + "/data/vault/key") != key)
                let same = try await run("secret", "rotate", "product/pk", input: Self.value + "\n")
                #expect(!same.isSuccess && same.error.contains("this very value"))
                #expect(try await run("secret", "rotate", "product/pk", input: "another\n").isSuccess)
                let missing = try await run("secret", "rotate", "product/other", input: "x\n")
                #expect(!missing.isSuccess && missing.error.contains("secret set product/other"))
                #expect(try await run("secret", "list").output.contains("product/pk"))
            }
        }

        @Test("the key moves under a credential of systemd, and without the credential the vault stays shut")
        func credential() async throws {
            try await withTemporaryFolder { folder in
                let plain = try Self.configuration(folder, "")
                let seal = ["secret", "set", "product/pk", "--config", plain]
                #expect(try await Program.station.run(seal, input: Self.value + "\n").isSuccess)
                let file = try Self.configuration(folder, "[vault]\nkey = \"credential\"")
                let refused = try await Program.station.run(["secret", "list", "--config", file])
                #expect(refused.error.contains("station secret rotate"), "\(refused.error)")
                try Data(repeating: 9, count: 40).write(to: URL(fileURLWithPath: folder + "/vault-key"))
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o600], ofItemAtPath: folder + "/vault-key")
                let lent = ["CREDENTIALS_DIRECTORY": folder]
                let moved = try await Program.station.run(["secret", "rotate", "--config", file], environment: lent)
                #expect(moved.output.contains("was guarded by \"file\", is by \"credential\""), "\(moved.error)")
                let seen = try await Program.station.run(["secret", "list", "--config", file], environment: lent)
                #expect(seen.output.contains("product/pk"), "\(seen.error)")
                let shut = try await Program.station.run(["secret", "list", "--config", file])
                #expect(!shut.isSuccess && shut.error.contains("cannot be opened"), "\(shut.error)")
            }
        }

        @Test(
            "[vault] is read whole, and refused with what is allowed",
            arguments: [
                ("key = \"tape\"", "\"file\" or \"credential\" or \"token\""),
                ("key = \"token\"", "vault.token.module: missing"),
                ("[vault.token]\nmodule = \"m\"\nuri = \"pkcs11:object=x?pin-value=1234\"", "without a PIN"),
                (
                    "[vault.token]\nmodule = \"m\"\nuri = \"pkcs11:x\"\npin_file = \"a\"\npin_credential = \"b\"",
                    "received both"
                ),
                ("pin = \"1234\"", "unknown key"),
            ])
        func problems(_ lines: String, _ expected: String) async throws {
            try await withTemporaryFolder { folder in
                let file = try Self.configuration(folder, lines.hasPrefix("[") ? lines : "[vault]\n" + lines)
                let ended = try await Program.station.run(["secret", "list", "--config", file])
                #expect(!ended.isSuccess && ended.error.contains(expected), "\(ended.error)")
                #expect(!ended.error.contains("1234"))
            }
        }

        @Test("a token's settings are written as they are read")
        func text() throws {
            let toml =
                "[vault]\nkey = \"token\"\n[vault.token]\nmodule = \"/m.so\"\nuri = \"pkcs11:token=a;object=b\"\n"
            for pin in ["", "pin_file = \"/etc/pin\"\n", "pin_credential = \"token-pin\"\n"] {
                let root = try ConfigurationValue.table(fromTOML: toml + pin, file: "x")
                let log = ProblemLog()
                let read = StationConfiguration.VaultSettings(
                    TableReader(root, log: log).table("vault"), PathRule(folder: "/"))
                #expect(log.problems.isEmpty)
                let again = try ConfigurationValue.table(
                    fromTOML: read.lines.joined(separator: "\n"), file: "x")
                #expect(
                    StationConfiguration.VaultSettings(
                        TableReader(again, log: log).table("vault"), PathRule(folder: "/")) == read)
            }
        }
    }
}

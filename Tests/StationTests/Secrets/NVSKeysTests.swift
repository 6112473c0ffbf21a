import BoardProtocols
import Foundation
import Provisioning
import Testing
import Vault

extension ExecutableTests.Demos {
    @Suite("NVS keys are sealed as the bytes they are")
    struct NVSKeysTests {
        /// Holds a line end, and is text, so that it goes through a test's standard input.
        static let keys = Array(UInt8(0)..<64)

        private static func set(_ input: [UInt8], in folder: String) async throws -> Program.Ended {
            try await Program.station.run(
                ["secret", "set", "nvs-keys/line", "--data", folder], input: String(decoding: input, as: UTF8.self))
        }

        @Test("64 bytes with a line end among them are sealed whole")
        func whole() async throws {
            try await withTemporaryFolder { folder in
                let ended = try await Self.set(Self.keys, in: folder)
                #expect(ended.isSuccess, "\(ended.error)")
                let sealed = try Vault.open(dataFolder: folder).secret(SecretName(.nvsKeys, "line"))
                #expect(sealed == Secret(bytes: Self.keys))
            }
        }

        @Test("another length and equal halves are refused, and nothing is sealed", arguments: [0, 63, 65, 4096, 4097])
        func refused(_ count: Int) async throws {
            try await withTemporaryFolder { folder in
                let ended = try await Self.set([UInt8](repeating: 0x41, count: count), in: folder)
                #expect(ended.code == 64 && ended.error.contains("standard input"))
                #expect(!ended.error.contains("AAAA"))
                #expect(!FileManager.default.fileExists(atPath: folder + "/vault"))
            }
        }
    }
}

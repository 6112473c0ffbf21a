import Foundation
import Provisioning
import Vault

/// A PKCS#11 token in software (SoftHSM2) with an RSA key pair `vault` that `pkcs11-tool` made in it.
///
/// One for the whole process: SoftHSM reads its configuration from the environment, which a process has one of.
struct SoftToken {
    static let module = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"]
        .first { FileManager.default.fileExists(atPath: $0) }

    /// Whether SoftHSM2, pkcs11-tool and OpenSSL's engine are installed.
    static var isThere: Bool {
        let manager = FileManager.default
        let engines = (try? manager.subpathsOfDirectory(atPath: "/usr/lib")) ?? []
        return module != nil && manager.isExecutableFile(atPath: "/usr/bin/softhsm2-util")
            && manager.isExecutableFile(atPath: "/usr/bin/pkcs11-tool")
            && engines.contains { $0.hasSuffix("engines-3/pkcs11.so") }
    }

    private static let pin = "4711"
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let configuration = folder.path + "/softhsm2.conf"
        try FileManager.default.createDirectory(atPath: folder.path + "/tokens", withIntermediateDirectories: false)
        try "directories.tokendir = \(folder.path)/tokens\nlog.level = ERROR\n"
            .write(toFile: configuration, atomically: true, encoding: .utf8)
        setenv("SOFTHSM2_CONF", configuration, 1)
        try Self.run(
            "/usr/bin/softhsm2-util", "--init-token", "--free", "--label", "station", "--so-pin", "12345678", "--pin",
            Self.pin)
        try Self.run(
            "/usr/bin/pkcs11-tool", "--module", Self.module ?? "", "--token-label", "station", "--login", "--pin",
            Self.pin, "--keypairgen", "--key-type", "rsa:2048", "--label", "vault", "--id", "01")
    }

    func protection(
        pin: String = Self.pin, module: String = Self.module ?? "", object: String = "vault", label: String = "station",
        counted counter: Counter? = nil
    ) -> KeyProtection {
        .token(
            KeyProtection.Token(module: module, uri: "pkcs11:token=\(label);object=\(object)") {
                counter?.add()
                return Secret(pin)
            })
    }

    struct Failed: Error {
        let program: String
        let status: Int32
    }

    private static func run(_ program: String, _ words: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = words
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(program: program, status: process.terminationStatus)
        }
    }
}

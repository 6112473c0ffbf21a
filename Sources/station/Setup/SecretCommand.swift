import ArgumentParser
import Bench
import Foundation
import Provisioning
import Vault

/// Secrets: sealed into the vault, listed by name. A value is never an argument and never printed.
struct SecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Secrets: set, list.", subcommands: [Set.self, List.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seals a secret read from standard input: one line, or the whole file for nvs-keys.",
            discussion: """
                Names: product/PRODUCTKEY for a ProductSecret, access-key/ID for an AccessKey secret, network/line for the
                password of the line's network, mes/key for the key shared with the MES, nvs-keys/PROFILE for the keys of
                encrypted NVS partitions: the generator's key file (4096 bytes, checked by its CRC-32), or its 64 bytes of
                keys alone.
                  station secret set product/a1B2c3D4e5F --config station.toml < secret.txt
                  station secret set nvs-keys/esp32c3 --config station.toml < keys.bin
                """)

        @Argument(help: "product/PRODUCTKEY, access-key/ID, network/line, mes/key or nvs-keys/PROFILE.") var name:
            String
        @OptionGroup var station: StationOptions

        func run() async throws {
            let name = try SecretName(name)
            let folder = try station.dataFolder()
            let secret = try name.kind == .nvsKeys ? HiddenInput.nvsKeys() : HiddenInput.line(of: name)
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Vault.open(dataFolder: folder).seal(secret, as: name)
            print("\(name) is sealed (\(secret.count) \(name.kind == .nvsKeys ? "bytes" : "characters"))")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the names of the sealed secrets.")

        @OptionGroup var station: StationOptions

        func run() async throws {
            for name in try Vault.open(dataFolder: station.dataFolder()).names() { print(name) }
        }
    }
}

/// A secret on standard input.
private enum HiddenInput {
    /// One line, which a terminal does not echo.
    static func line(of name: SecretName) throws -> Secret {
        if isatty(STDIN_FILENO) == 1 { note("value of \(name), then Enter (it is not shown):") }
        var saved = termios()
        let isTerminal = tcgetattr(STDIN_FILENO, &saved) == 0
        if isTerminal {
            var quiet = saved
            quiet.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
        }
        defer { if isTerminal { tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved) } }
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < 4096, read(STDIN_FILENO, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else {
            throw ValidationError("nothing came on standard input; expected the secret's value")
        }
        return Secret(bytes: bytes)
    }

    /// A key file, to its end: keys are any bytes, line ends among them.
    static func nvsKeys() throws -> Secret {
        guard isatty(STDIN_FILENO) == 0 else {
            throw ValidationError("NVS keys are no text: redirect the generator's key file to standard input")
        }
        var bytes: [UInt8] = []
        while bytes.count <= NVSKeyPartition.size,
            let more = try FileHandle.standardInput.read(upToCount: NVSKeyPartition.size), !more.isEmpty
        {
            bytes += more
        }
        do { return try NVSKeyPartition.keys(in: bytes) } catch { throw ValidationError("standard input: \(error)") }
    }
}

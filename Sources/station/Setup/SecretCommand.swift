import ArgumentParser
import Foundation
import Provisioning
import Vault

/// Secrets: sealed into the vault, listed by name. A value is never an argument and never printed.
struct SecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Secrets: set, list.", subcommands: [Set.self, List.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seals a secret read from standard input (one line).",
            discussion: """
                Names: product/PRODUCTKEY for a ProductSecret, access-key/ID for an AccessKey secret, network/line for the
                password of the line's network, nvs-keys/PROFILE for the keys of encrypted NVS partitions.
                  station secret set product/a1B2c3D4e5F --config station.toml < secret.txt
                """)

        @Argument(help: "product/PRODUCTKEY, access-key/ID, network/line or nvs-keys/PROFILE.") var name: String
        @OptionGroup var station: StationOptions

        func run() async throws {
            let name = try SecretName(name)
            let folder = try station.dataFolder()
            if isatty(STDIN_FILENO) == 1 { note("value of \(name), then Enter (it is not shown):") }
            let secret = try HiddenInput.line()
            guard secret.count > 0 else {
                throw ValidationError("nothing came on standard input; expected the secret's value")
            }
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Vault.open(dataFolder: folder).seal(secret, as: name)
            print("\(name) is sealed (\(secret.count) characters)")
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

/// One line of standard input that a terminal does not echo.
enum HiddenInput {
    static func line() throws -> Secret {
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
        return Secret(bytes: bytes)
    }
}

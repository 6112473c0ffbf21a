import ArgumentParser
import Foundation
import Provisioning
import Vault

/// Secrets: sealed into the vault, replaced, listed by name. A value is never an argument and never printed.
struct SecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Secrets: set, rotate, list.",
        subcommands: [Set.self, Rotate.self, List.self])

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
            let secret = try SecretCommand.value(of: name)
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try station.vault().seal(secret, as: name)
            print("\(name) is sealed (\(secret.count) \(name.kind == .nvsKeys ? "bytes" : "characters"))")
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a new data key and seals everything anew; with a name, replaces that one secret.",
            discussion: """
                Without a name the vault's data key is made anew, guarded as [vault] in station.toml says: that is also how a
                key is moved from its file to a credential or a token, and back. A crash meanwhile loses nothing; the next
                start goes on. The station may run.
                With a name the new value comes on standard input; it must differ from the one that is sealed.
                  station secret rotate --config station.toml
                  station secret rotate access-key/LTAI5tExample --config station.toml < secret.txt
                """)

        @Argument(help: "product/PRODUCTKEY, access-key/ID, network/line, mes/key or nvs-keys/PROFILE.") var name:
            String?
        @OptionGroup var station: StationOptions

        func run() async throws {
            guard let name else { return try rotateKey() }
            let secretName = try SecretName(name)
            let vault = try station.vault()
            guard let old = try vault.secret(secretName) else {
                throw ValidationError("\(secretName) is not sealed; use `station secret set \(secretName)`")
            }
            let new = try SecretCommand.value(of: secretName)
            guard new != old else { throw ValidationError("\(secretName) is sealed with this very value already") }
            try vault.seal(new, as: secretName)
            print("\(secretName) is replaced; a running station takes it at its next use or its next start")
        }

        private func rotateKey() throws {
            let done = try Vault.rotate(
                dataFolder: try station.dataFolder(), from: try station.vaultProtections(),
                to: try station.vaultProtection())
            for name in done.names { print("\(name) is sealed anew") }
            print(
                "\(done.names.count) secrets; the data key was guarded by \"\(done.from.rawValue)\", is by "
                    + "\"\(done.to.rawValue)\"")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the names of the sealed secrets.")

        @OptionGroup var station: StationOptions

        func run() async throws {
            for name in try station.vault().names() { print(name) }
        }
    }

    private static func value(of name: SecretName) throws -> Secret {
        try name.kind == .nvsKeys ? HiddenInput.nvsKeys() : HiddenInput.line(of: name.description)
    }
}

import Foundation
import Provisioning
import Vault

extension StationConfiguration {
    /// What guards the vault's data key: the table `[vault]`.
    struct VaultSettings: Equatable, Sendable {
        var key = KeyProtection.Kind.file
        /// Name of the credential of systemd that the key is wrapped with, 1 to 64 letters, digits, dashes and underscores.
        var credential = "vault-key"
        /// The token that the key is wrapped by; demanded where `key` is `token`.
        var token: Token?

        /// A key pair in a PKCS#11 token, and where its PIN comes from.
        struct Token: Equatable, Sendable {
            /// Absolute path of the PKCS#11 library.
            var module: String
            /// RFC 7512, without a PIN.
            var uri: String
            var pin: PIN

            enum PIN: Equatable, Sendable {
                /// Asked for at the terminal.
                case prompt
                /// The first line of a file of mode 0600.
                case file(String)
                /// A credential of systemd.
                case credential(String)
            }
        }

        /// What the configuration says guards the key.
        var protection: KeyProtection { protection(key) }

        /// Every way that the configuration describes, for a key that is to be moved.
        var protections: [KeyProtection] {
            KeyProtection.Kind.allCases.filter { $0 != .token || token != nil }.map(protection)
        }

        private func protection(_ kind: KeyProtection.Kind) -> KeyProtection {
            switch kind {
            case .file: return .file
            case .credential: return .credential(path: Self.credentialPath(credential))
            case .token:
                guard let token else { return .file }
                return .token(
                    KeyProtection.Token(module: token.module, uri: token.uri) {
                        switch token.pin {
                        case .prompt: try HiddenInput.line(of: "the PIN of \(token.uri)")
                        case .file(let path): try GuardedFile.read(path, what: "PIN file", isLine: true)
                        case .credential(let name):
                            try GuardedFile.read(Self.credentialPath(name), what: "credential", isLine: true)
                        }
                    })
            }
        }

        /// Where systemd lends a credential to the running service (systemd.exec(5), CREDENTIALS_DIRECTORY).
        private static func credentialPath(_ name: String) -> String {
            (ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"]
                ?? "/run/credentials/provisioning-station.service")
                + "/" + name
        }
    }

    /// Opens the station's vault as the configuration says.
    func openVault() throws(VaultError) -> Vault {
        try Vault.open(dataFolder: dataFolder, protection: vault.protection)
    }
}

extension StationConfiguration.VaultSettings {
    /// Takes the table `[vault]`.
    init(_ table: TableReader, _ paths: PathRule) {
        if let kind = table.choice("key", of: KeyProtection.Kind.self, default: .file) { key = kind }
        if let name = table.string("credential", expected: Self.credentialWords, isOptional: true, Self.credentialName)
        {
            credential = name
        }
        let reader = table.table("token")
        if table.has("token") || key == .token { token = Self.token(reader, paths) }
        reader.finish()
        table.finish()
    }

    private static let credentialWords = "a credential's name of 1 to 64 of A-Z a-z 0-9 - _"

    private static func credentialName(_ text: String) -> String? {
        StationConfiguration.name(text, extra: "-_", longest: 64)
    }

    private static func token(_ table: TableReader, _ paths: PathRule) -> Token? {
        let module = table.string("module", expected: "the token's PKCS#11 library", paths.absolute)
        let uri = table.string(
            "uri", expected: "\"pkcs11:…\" (RFC 7512) without a PIN", hidesValue: { $0.contains("pin-") }
        ) { text in
            text.hasPrefix("pkcs11:") && !text.contains("pin-") ? text : nil
        }
        let file = table.string("pin_file", expected: "a file of mode 0600", isOptional: true, paths.absolute)
        let credential = table.string(
            "pin_credential", expected: credentialWords, isOptional: true, credentialName)
        if file != nil, credential != nil {
            table.log.note(table.path(of: "pin_credential"), nil, "expected pin_file or pin_credential, received both")
        }
        guard let module, let uri else { return nil }
        return Token(
            module: module, uri: uri,
            pin: file.map(Token.PIN.file) ?? credential.map(Token.PIN.credential) ?? .prompt)
    }

    /// The table as text; nothing for the standard.
    var lines: [String] {
        guard self != StationConfiguration.VaultSettings() else { return [] }
        let quoted = ConfigurationValue.quoted
        var lines = ["[vault]", "key = \(quoted(key.rawValue))", "credential = \(quoted(credential))", ""]
        guard let token else { return lines }
        lines += ["[vault.token]", "module = \(quoted(token.module))", "uri = \(quoted(token.uri))"]
        switch token.pin {
        case .prompt: break
        case .file(let path): lines.append("pin_file = \(quoted(path))")
        case .credential(let name): lines.append("pin_credential = \(quoted(name))")
        }
        return lines + [""]
    }
}

public import Provisioning

/// How a module takes the product credential through its commands.
public enum ATCredential: Sendable, Hashable {
    /// ESP-AT's manufacturing partition: AT+SYSMFG, both values as strings (type 7).
    case manufacturing(namespace: String, productKeyName: String, productSecretName: String)
    /// Command lines of the board's own firmware.
    case template(Template)

    /// Command lines with `{product_key}` and `{product_secret}`, and how the module proves what it holds.
    public struct Template: Sendable, Hashable {
        /// Sent in this order, each once the one before has ended.
        public var lines: [Line]
        /// nil = the firmware cannot say what it holds.
        public var readBack: ReadBack?
        public init(lines: [Line], readBack: ReadBack? = nil) { (self.lines, self.readBack) = (lines, readBack) }
    }

    /// One command of a template.
    public struct Line: Sendable, Hashable {
        /// Without CR. `{length}` stands for the number of bytes of ``data``.
        public var text: String
        /// Sent after the prompt `>` or `CONNECT`; nil = the command asks for none.
        public var data: String?
        /// A line that ends the command well besides `OK`.
        public var result: String?
        public init(_ text: String, data: String? = nil, result: String? = nil) {
            (self.text, self.data, self.result) = (text, data, result)
        }
    }

    /// How the module tells what it holds.
    public struct ReadBack: Sendable, Hashable {
        /// What the pattern's first group is.
        public enum Value: String, Sendable, CaseIterable {
            /// SHA-256 over the ProductSecret's bytes, hexadecimal: proves the secret without showing it.
            case secretDigest = "secret-sha256"
            /// The ProductKey in clear: proves the key only.
            case productKey = "product-key"
        }
        public var command: String
        public var pattern: ConsolePattern
        public var value: Value
        public init(command: String, pattern: ConsolePattern, value: Value) {
            (self.command, self.pattern, self.value) = (command, pattern, value)
        }
    }

    /// What was seen of the credential in the module.
    public enum Proof: String, Sendable, CaseIterable {
        /// Both values were read back and compared.
        case readBack = "read-back"
        /// The secret's SHA-256 was read back and compared.
        case digest
        /// Only the ProductKey was read back; the module took the secret with OK.
        case keyOnly = "key-only"
        /// The module took the lines with OK and cannot say what it holds.
        case acceptedOnly = "accepted-only"
    }

    /// What writing the credential did.
    public struct Outcome: Sendable, Equatable {
        public let proof: Proof
        /// False where the module held the credential already.
        public let written: Bool
    }
}

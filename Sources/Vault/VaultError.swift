/// Why the vault did not do what was asked: a code for programs, a sentence with both values for people.
///
/// No sentence contains a secret or a part of one.
public struct VaultError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of refusal.
    public enum Code: String, Sendable, CaseIterable {
        /// The vault's folder or key may be read by others than its owner.
        case permissions
        /// The folder, the key or a sealed file belongs to another user.
        case owner
        /// The key has another length than 32 bytes, or its wrapping was cut.
        case keySize
        /// Sealed files are there, their key is not.
        case keyMissing
        /// The key is guarded another way than the configuration says.
        case protection
        /// A credential or PIN file is missing, unfit, or another one than the key was wrapped with.
        case credential
        /// The PKCS#11 token, its PIN or its key pair did not do it.
        case token
        /// The name of a secret is not `product/PRODUCTKEY` or `access-key/ID`.
        case name
        /// The secret is empty or too long.
        case secretSize
        /// A sealed file is not one of ours, or of a format version this program does not know.
        case format
        /// A sealed file has another length than its header says.
        case truncated
        /// A sealed file lies under another name than the one it was sealed as.
        case renamed
        /// A sealed file was changed, or was sealed with another key.
        case tampered
        /// The operating system refused.
        case system
        /// OpenSSL refused.
        case cryptography
    }

    public let code: Code
    /// What was expected, what was found, and what to do.
    public let sentence: String

    init(_ code: Code, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    public var description: String { "\(sentence) (vault: \(code.rawValue))" }
}

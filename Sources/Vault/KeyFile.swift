/// The content of `DATA/vault/key`: the data key itself, or the data key wrapped by what guards it.
///
/// ```
/// in clear: 32 bytes
/// wrapped:  offset  size  content
///           0       4     "PSVK"
///           4       1     format version, 1
///           5       1     1 = by a credential, 2 = by a token
///           6       2     length L, big endian
///           8       L     credential: nonce (12), AES-256-GCM ciphertext (32), tag (16), over the 8 bytes before it too
///                         token: RSA-OAEP ciphertext
/// ```
enum KeyFile: Equatable {
    case clear
    case credential([UInt8])
    case token([UInt8])

    static let magic = Array("PSVK".utf8)
    static let version: UInt8 = 1
    /// Bytes of the longest file: a token's key of 8192 bits.
    static let longest = headerSize + 1024
    private static let headerSize = 8

    /// Reads a key file's bytes; `path` names it in errors.
    init(_ bytes: UnsafeRawBufferPointer, path: String) throws(VaultError) {
        guard bytes.starts(with: Self.magic) else {
            guard bytes.count == OpenSSL.keySize else {
                let received = bytes.count > Self.longest ? "more than \(Self.longest)" : "\(bytes.count)"
                throw VaultError(
                    .keySize,
                    "\(path) must have \(OpenSSL.keySize) bytes, received \(received); put the key back from its backup"
                )
            }
            self = .clear
            return
        }
        guard bytes.count >= Self.headerSize, bytes[4] == Self.version,
            bytes.count == Self.headerSize + Int(bytes[6]) << 8 + Int(bytes[7])
        else {
            throw VaultError(
                .keySize, "\(path) is a wrapped key that was cut or is of a later version; put it back from its backup")
        }
        let wrapped = Array(bytes[Self.headerSize...])
        switch bytes[5] {
        case 1 where wrapped.count == OpenSSL.nonceSize + OpenSSL.keySize + OpenSSL.tagSize: self = .credential(wrapped)
        case 2: self = .token(wrapped)
        default:
            throw VaultError(
                .keySize, "\(path) is wrapped in a way this program does not know; put it back from its backup")
        }
    }

    var kind: KeyProtection.Kind {
        switch self {
        case .clear: .file
        case .credential: .credential
        case .token: .token
        }
    }

    /// What stands before a wrapped key.
    static func header(_ kind: KeyProtection.Kind, length: Int) -> [UInt8] {
        magic + [
            version, kind == .credential ? 1 : 2, UInt8(truncatingIfNeeded: length >> 8),
            UInt8(truncatingIfNeeded: length),
        ]
    }
}

import Foundation

/// The public half of the key that batch archives are signed with (Ed25519, RFC 8032). Who has it can verify; no secret.
public struct SigningPublicKey: Hashable, Sendable {
    /// 32 bytes.
    public let bytes: [UInt8]

    /// What stands before the key in its SubjectPublicKeyInfo (RFC 8410, 4).
    private static let prefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
    private static let begin = "-----BEGIN PUBLIC KEY-----"
    private static let end = "-----END PUBLIC KEY-----"

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads a PEM file's text.
    /// - Throws: ``VaultError`` with `format` when it is not one Ed25519 public key.
    public init(pem: String) throws(VaultError) {
        let lines = pem.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
        guard lines.count >= 3, lines.first == Self.begin, lines.last == Self.end,
            let data = Data(base64Encoded: lines.dropFirst().dropLast().joined())
        else {
            throw VaultError(
                .format,
                "expected a PEM file with one public key (\"\(Self.begin)\"); `station batch key` prints it")
        }
        guard data.count == Self.prefix.count + OpenSSL.signingKeySize, data.starts(with: Self.prefix) else {
            throw VaultError(
                .format, "expected an Ed25519 public key of 44 bytes, received another key of \(data.count) bytes")
        }
        bytes = Array(data.dropFirst(Self.prefix.count))
    }

    /// As OpenSSL writes it.
    public var pem: String {
        "\(Self.begin)\n\(Data(Self.prefix + bytes).base64EncodedString())\n\(Self.end)\n"
    }

    /// 64 lower-case hexadecimal digits by which people compare keys.
    public var hex: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    /// Whether `signature`, 64 bytes, is that of `message` under this key.
    public func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        OpenSSL.verify(signature, of: message, publicKey: bytes)
    }
}

import Crypto
import Provisioning

/// The keyed digests the platform accepts for registration and device connections ("MQTT-TLS connection",
/// `signmethod`; on HTTPS `signMethod`, compared there without regard to case).
public enum SignMethod: String, Sendable, CaseIterable {
    case hmacmd5, hmacsha1, hmacsha256

    /// Reads a name in any case; nil for an unknown one.
    public init?(name: String) { self.init(rawValue: name.lowercased()) }

    /// HMAC of the UTF-8 bytes of `content`, in upper-case hex as the vendor's C SDK writes it.
    func hexDigest(of content: String, secret: Secret) -> String {
        let digest = code(of: Array(content.utf8), secret: secret)
        return Hex.upper(digest)
    }

    /// Whether `signature` is the HMAC of `content` in hex of either case; takes the same time wherever it differs.
    func verify(_ signature: String, of content: String, secret: Secret) -> Bool {
        guard let claimed = Hex.bytes(signature) else { return false }
        let bytes = Array(content.utf8)
        return secret.withBytes { key in
            let key = SymmetricKey(data: key)
            return switch self {
            case .hmacmd5: HMAC<Insecure.MD5>.isValidAuthenticationCode(claimed, authenticating: bytes, using: key)
            case .hmacsha1: HMAC<Insecure.SHA1>.isValidAuthenticationCode(claimed, authenticating: bytes, using: key)
            case .hmacsha256: HMAC<SHA256>.isValidAuthenticationCode(claimed, authenticating: bytes, using: key)
            }
        }
    }

    private func code(of bytes: [UInt8], secret: Secret) -> [UInt8] {
        secret.withBytes { key in
            let key = SymmetricKey(data: key)
            return switch self {
            case .hmacmd5: Array(HMAC<Insecure.MD5>.authenticationCode(for: bytes, using: key))
            case .hmacsha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: key))
            case .hmacsha256: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
            }
        }
    }
}

enum Hex {
    private static let digits = Array("0123456789ABCDEF".utf8)

    static func upper(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Nil unless `text` is an even number of hex digits.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}

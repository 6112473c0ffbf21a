import CArgon2
import Provisioning

/// A PIN as it is kept: argon2id with 19 MiB, 2 passes and 1 lane (OWASP's password storage cheat sheet), salted.
///
/// Making and checking one takes some ten milliseconds and blocks: on a thread pool, never on the shared one.
struct PINHash: Hashable, Sendable {
    /// libargon2's own text form, `$argon2id$v=19$m=19456,t=2,p=1$…`.
    let text: String

    private static let memoryKiB: UInt32 = 19456
    private static let passes: UInt32 = 2
    private static let saltSize = 16
    private static let hashSize = 32

    /// Takes up a hash that was made before.
    init(text: String) { self.text = text }

    /// Hashes a PIN with a new random salt.
    /// - Throws: ``OperatorError`` where libargon2 has no memory.
    init(pin: Secret) throws {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<Self.saltSize).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let size = argon2_encodedlen(
            Self.passes, Self.memoryKiB, 1, UInt32(Self.saltSize), UInt32(Self.hashSize), Argon2_id)
        var encoded = [CChar](repeating: 0, count: size)
        let code = pin.withBytes { bytes in
            argon2id_hash_encoded(
                Self.passes, Self.memoryKiB, 1, bytes, bytes.count, salt, salt.count, Self.hashSize, &encoded,
                encoded.count)
        }
        guard code == ARGON2_OK.rawValue else {
            throw OperatorError("libargon2 did not hash a PIN: \(String(cString: argon2_error_message(code)))")
        }
        text = String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether it was made from this PIN.
    func matches(_ pin: Secret) -> Bool {
        pin.withBytes { argon2id_verify(text, $0, $0.count) == ARGON2_OK.rawValue }
    }
}

/// What a PIN must be.
enum PINRule {
    static let length = 4...12

    /// Why a PIN is not taken; nil when it is. The PIN is not repeated.
    static func problem(_ pin: Secret) -> Bilingual? {
        pin.withBytes { bytes in
            let digits = bytes.map { Int($0) - 48 }
            guard length.contains(digits.count), digits.allSatisfy({ (0...9).contains($0) }) else {
                return Bilingual(
                    zh: "PIN 应为 4 到 12 位数字",
                    en: "a PIN has 4 to 12 digits; received \(digits.count) characters, or others than digits")
            }
            let steps = Set(zip(digits, digits.dropFirst()).map { $1 - $0 })
            guard steps.count > 1 || !(-1...1).contains(steps.first ?? 0) else {
                return Bilingual(
                    zh: "PIN 太简单：不能全部相同，也不能是连续数字",
                    en: "this PIN is one of the first to be guessed: not all digits the same, not a row of them")
            }
            return nil
        }
    }
}

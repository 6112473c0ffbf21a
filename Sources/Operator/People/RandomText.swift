import Crypto
import Foundation

/// Text that nobody can guess, and how it is kept.
enum RandomText {
    /// 256 random bits as 43 letters of base64url.
    static func token() -> String {
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        return bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// A code to be typed: 10 letters and digits without those that look alike, about 49 bits.
    static func code() -> String {
        let letters = Array("ABCDEFGHJKMNPQRSTVWXYZ23456789")
        var generator = SystemRandomNumberGenerator()
        let text = String((0..<10).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] })
        return "\(text.prefix(5))-\(text.suffix(5))"
    }

    /// SHA-256 as 64 hexadecimal digits: enough to keep 256 random bits, which cannot be guessed.
    static func digest(_ text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Compares without telling by time where two texts differ.
    static func isSame(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

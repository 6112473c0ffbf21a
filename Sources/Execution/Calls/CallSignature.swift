import Crypto
import Foundation
import Provisioning

/// The signature on a call: HMAC-SHA256 under the key that station and receiver share.
///
/// ```
/// X-Station-Time: 1764115200
/// X-Station-Signature: sha256=<hex of HMAC-SHA256(key, time + "." + body)>
/// Idempotency-Key: <the id that stands in the body, too>
/// ```
/// The receiver computes it over the body as received, compares in constant time, and refuses times that are too far off.
struct CallSignature: Sendable {
    let headers: [(String, String)]

    /// - Parameters:
    ///   - id: the call's own id; the same for every repetition of one call.
    ///   - body: the bytes that are sent.
    init(id: String, body: [UInt8], key: Secret, time: Date = .now) {
        let seconds = String(Int64(time.timeIntervalSince1970))
        let hex = key.withBytes { bytes in
            var mac = HMAC<SHA256>(key: SymmetricKey(data: bytes))
            mac.update(data: Array("\(seconds).".utf8))
            mac.update(data: body)
            return mac.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        headers = [
            ("x-station-time", seconds), ("x-station-signature", "sha256=\(hex)"), ("idempotency-key", id),
        ]
    }
}

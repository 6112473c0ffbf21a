import Crypto
import Foundation

/// The signatures the platform checks, computed from its documentation and not with the station's own client code, so
/// that one mistake cannot hide on both sides.
enum WireSignature {
    /// HMAC algorithms by the platform's names; the names are compared without regard to case.
    enum Method: String {
        case md5 = "hmacmd5"
        case sha1 = "hmacsha1"
        case sha256 = "hmacsha256"

        init?(name: String) { self.init(rawValue: name.lowercased()) }

        func code(_ message: String, key: String) -> [UInt8] {
            let (key, message) = (SymmetricKey(data: Array(key.utf8)), Array(message.utf8))
            return switch self {
            case .md5: Array(HMAC<Insecure.MD5>.authenticationCode(for: message, using: key))
            case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
            case .sha256: Array(HMAC<SHA256>.authenticationCode(for: message, using: key))
            }
        }
    }

    /// Whether `hex`, in either case, is the HMAC of `message`. Compares in constant time.
    static func verify(hex: String, of message: String, key: String, method: Method) -> Bool {
        let expected = method.code(message, key: key)
        let digits = hex.utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
            default: 0xFF
            }
        }
        guard digits.count == expected.count * 2, !digits.contains(0xFF) else { return false }
        return expected.indices.reduce(UInt8(0)) { difference, index in
            difference | (expected[index] ^ (digits[2 * index] << 4 | digits[2 * index + 1]))
        } == 0
    }

    /// Whether two texts are the same byte by byte. Compares in constant time.
    static func isSame(_ one: String, _ other: String) -> Bool {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// What a dynamic registration signs ("MQTT-based dynamic registration", sign content): three fields, no separator.
    static func registrationContent(productKey: String, deviceName: String, random: String) -> String {
        "deviceName\(deviceName)productKey\(productKey)random\(random)"
    }

    /// What a device connection signs ("MQTT-TLS connection"): the time stamp only where it was sent.
    static func connectionContent(id: String, productKey: String, deviceName: String, timestamp: String?) -> String {
        "clientId\(id)deviceName\(deviceName)productKey\(productKey)" + (timestamp.map { "timestamp\($0)" } ?? "")
    }

    /// RFC 3986 percent encoding of everything but `A–Z a–z 0–9 - _ . ~`, as the OpenAPI's signatures need it.
    static func percentEncode(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes.append(contentsOf: [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Names sorted by byte order, both sides encoded, joined by `&`.
    static func canonicalQuery(_ parameters: [String: String]) -> String {
        // Swift's own order of ASCII texts is that of their bytes, and fast: a batch has 10,000 names.
        let isPlain = parameters.keys.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }
        return parameters.sorted { isPlain ? $0.key < $1.key : $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { "\(percentEncode($0.key))=\(percentEncode($0.value))" }
            .joined(separator: "&")
    }

    /// String to sign of the RPC signature v1 over all parameters but `Signature`.
    static func rpcStringToSign(method: String, parameters: [String: String]) -> String {
        var signed = parameters
        signed["Signature"] = nil
        return "\(method)&%2F&\(percentEncode(canonicalQuery(signed)))"
    }

    /// Whether `signature` is the Base64 HMAC-SHA1 of `stringToSign` under `secret&`.
    static func verifyRPC(signature: String, stringToSign: String, secret: String) -> Bool {
        guard let given = Data(base64Encoded: signature) else { return false }
        let expected = Method.sha1.code(stringToSign, key: secret + "&")
        guard given.count == expected.count else { return false }
        return zip(given, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// String to sign of ACS3-HMAC-SHA256 ("V3 request structure and signature"): the request in one form, hashed.
    /// - Parameters:
    ///   - query: the query's parameters alone; a form body counts by its hash.
    ///   - headers: the signed headers in the order in which the request lists them, names in lower case.
    static func acsStringToSign(
        method: String, query: [String: String], headers: [(name: String, value: String)], bodyHash: String
    ) -> String {
        let lines = headers.map { "\($0.name):\($0.value)\n" }.joined()
        let names = headers.map(\.name).joined(separator: ";")
        let request = "\(method)\n/\n\(canonicalQuery(query))\n\(lines)\n\(names)\n\(bodyHash)"
        return "ACS3-HMAC-SHA256\n\(hash(Array(request.utf8)))"
    }

    /// SHA-256 in lower-case hex.
    static func hash(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: SHA256.hash(data: bytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

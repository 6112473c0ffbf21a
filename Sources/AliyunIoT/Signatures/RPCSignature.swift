import Crypto
import Foundation
public import Provisioning

/// OpenAPI signature version 1: HMAC-SHA1 over all parameters ("Request signing", IoT Platform API reference).
public struct RPCSignature {
    /// RFC 3986: everything but `A–Z a–z 0–9 - _ . ~` becomes `%XY` in upper case; a space is `%20`, never `+`.
    public static func percentEncode(_ text: String) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                encoded.append(byte)
            default:
                encoded.append(UInt8(ascii: "%"))
                encoded.append(contentsOf: Hex.upper([byte]).utf8)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// `name=value` pairs joined with `&`, encoded and sorted by name in byte order; empty values are kept.
    public static func canonicalQuery(_ parameters: [(String, String)]) -> String {
        parameters
            .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
            .map { "\(percentEncode($0.0))=\(percentEncode($0.1))" }
            .joined(separator: "&")
    }

    /// What is signed: all query and form parameters except `Signature`, whatever their order.
    ///
    /// - Parameter method: the HTTP method really used, in upper case.
    public static func stringToSign(method: String, parameters: [(String, String)]) -> String {
        let signed = parameters.filter { $0.0 != "Signature" }
        return "\(method)&%2F&\(percentEncode(canonicalQuery(signed)))"
    }

    /// Base64 of HMAC-SHA1 under the AccessKey secret followed by `&`.
    public static func signature(stringToSign: String, secret: Secret) -> String {
        let key = secret.withBytes { SymmetricKey(data: $0 + [UInt8(ascii: "&")]) }
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Array(stringToSign.utf8), using: key)
        return Data(code).base64EncodedString()
    }
}

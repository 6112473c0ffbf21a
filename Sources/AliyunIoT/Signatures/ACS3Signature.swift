import Crypto
import Foundation
public import Provisioning

/// OpenAPI signature version 3, `ACS3-HMAC-SHA256` ("V3 request structure and signature"): action, version, time and
/// nonce are headers, and the method, query, signed headers and the body's digest are signed.
public struct ACS3Signature {
    /// The scheme's name: opens the string to sign and the `Authorization` header.
    public static let algorithm = "ACS3-HMAC-SHA256"

    /// Lower-case hex SHA-256 of a body: the value of `x-acs-content-sha256`.
    public static func digest(of body: some Sequence<UInt8>) -> String {
        Hex.upper(Array(SHA256.hash(data: Array(body)))).lowercased()
    }

    /// What is digested for the string to sign.
    ///
    /// - Parameters:
    ///   - method: in upper case.
    ///   - query: the parameters of the URL, decoded; those of a form body are not among them.
    ///   - headers: the signed headers, in any order and case; values are trimmed.
    ///   - contentDigest: of the body, as ``digest(of:)`` gives it.
    public static func canonicalRequest(
        method: String, path: String = "/", query: [(String, String)], headers: [(String, String)],
        contentDigest: String
    ) -> String {
        let sorted = canonical(headers)
        return [
            method, path, RPCSignature.canonicalQuery(query),
            sorted.map { "\($0.0):\($0.1)\n" }.joined(), sorted.map(\.0).joined(separator: ";"), contentDigest,
        ].joined(separator: "\n")
    }

    public static func stringToSign(canonicalRequest: String) -> String {
        "\(algorithm)\n\(digest(of: canonicalRequest.utf8))"
    }

    /// Lower-case hex of HMAC-SHA256 under the AccessKey secret itself; nothing is appended to it, unlike version 1.
    public static func signature(stringToSign: String, secret: Secret) -> String {
        let key = secret.withBytes { SymmetricKey(data: $0) }
        let code = HMAC<SHA256>.authenticationCode(for: Array(stringToSign.utf8), using: key)
        return Hex.upper(Array(code)).lowercased()
    }

    /// The whole `Authorization` header for a request with these signed headers.
    public static func authorization(
        accessKey: AccessKey, method: String, path: String = "/", query: [(String, String)],
        headers: [(String, String)], contentDigest: String
    ) -> String {
        let request = canonicalRequest(
            method: method, path: path, query: query, headers: headers, contentDigest: contentDigest)
        let names = canonical(headers).map(\.0).joined(separator: ";")
        let code = signature(stringToSign: stringToSign(canonicalRequest: request), secret: accessKey.secret)
        return "\(algorithm) Credential=\(accessKey.id),SignedHeaders=\(names),Signature=\(code)"
    }

    private static func canonical(_ headers: [(String, String)]) -> [(String, String)] {
        headers
            .map { ($0.0.lowercased(), $0.1.trimmingCharacters(in: .whitespaces)) }
            .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    }
}

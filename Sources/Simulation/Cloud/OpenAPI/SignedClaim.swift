import HTTPTypes

/// Who makes a call and how it is signed, whichever of the two signatures it carries.
struct SignedClaim: Sendable {
    let action: String
    let version: String
    let accessKeyID: String
    /// `yyyy-MM-ddTHH:mm:ssZ`, not looked at yet.
    let time: String
    let nonce: String
    /// The text the signature is over, as the platform tells it to a client whose signature is wrong.
    let stringToSign: String
    private let signature: String
    private let scheme: Scheme

    private enum Scheme { case rpc, acs3 }

    /// Headers that must be among the signed ones: without them a captured request could be turned into another.
    private static let mustBeSigned = [
        "host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version",
    ]

    /// Signature v1: everything is a parameter, and all parameters are signed.
    init(_ request: WebRequest, _ parameters: OpenAPIParameters) throws(GatewayError) {
        func needed(_ name: String) throws(GatewayError) -> String {
            guard let value = parameters[name] else { throw .missing(name) }
            return value
        }
        scheme = .rpc
        action = try needed("Action")
        guard OpenAPIAction.catalogue[action] != nil else { throw .unknownAction }
        version = try needed("Version")
        accessKeyID = try needed("AccessKeyId")
        signature = try needed("Signature")
        let (method, form) = (try needed("SignatureMethod"), try needed("SignatureVersion"))
        nonce = try needed("SignatureNonce")
        time = try needed("Timestamp")
        guard version == OpenAPIEndpoint.version else { throw .invalidVersion }
        guard method == "HMAC-SHA1", form == "1.0" else { throw .signatureMethod }
        stringToSign = WireSignature.rpcStringToSign(method: request.method, parameters: parameters.values)
    }

    /// ACS3-HMAC-SHA256 ("V3 request structure and signature"): the headers the request lists are signed, in its own
    /// order, with the query and the hash of the body as it arrived.
    init(_ request: WebRequest, authorization: String) throws(GatewayError) {
        func needed(_ name: String) throws(GatewayError) -> String {
            guard let value = Self.header(name, of: request), !value.isEmpty else { throw .missing(name) }
            return value
        }
        scheme = .acs3
        action = try needed("x-acs-action")
        guard OpenAPIAction.catalogue[action] != nil else { throw .unknownAction }
        version = try needed("x-acs-version")
        (time, nonce) = (try needed("x-acs-date"), try needed("x-acs-signature-nonce"))
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0] == "ACS3-HMAC-SHA256" else { throw .authorization }
        var fields: [Substring: String] = [:]
        for part in parts[1].split(separator: ",") {
            let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { fields[pair[0]] = String(pair[1]) }
        }
        guard let id = fields["Credential"], let signature = fields["Signature"],
            let names = fields["SignedHeaders"]?.split(separator: ";").map(String.init),
            Self.mustBeSigned.allSatisfy(names.contains)
        else { throw .authorization }
        (accessKeyID, self.signature) = (id, signature)
        // The hash that counts is the one of the body that is here; one that only claims to be it signs nothing.
        let bodyHash = WireSignature.hash(request.body)
        var headers: [(name: String, value: String)] = []
        for name in names {
            guard let value = Self.header(name, of: request) else { throw .authorization }
            headers.append((name, name == "x-acs-content-sha256" ? bodyHash : value))
        }
        var query: [String: String] = [:]
        for (name, value) in FormParameters.parse(request.query) { query[name] = value }
        stringToSign = WireSignature.acsStringToSign(
            method: request.method, query: query, headers: headers, bodyHash: bodyHash)
    }

    /// Whether the signature is right under `secret`.
    func isSigned(with secret: String) -> Bool {
        switch scheme {
        case .rpc: WireSignature.verifyRPC(signature: signature, stringToSign: stringToSign, secret: secret)
        case .acs3: WireSignature.verify(hex: signature, of: stringToSign, key: secret, method: .sha256)
        }
    }

    /// A header's trimmed value by its name in lower case.
    private static func header(_ name: String, of request: WebRequest) -> String? {
        if name == "host" { return request.host }
        guard let field = HTTPField.Name(name) else { return nil }
        return request.headers[field]?.trimmingPrefix { $0 == " " }.description
    }
}

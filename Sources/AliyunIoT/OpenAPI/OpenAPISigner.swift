import Foundation

/// A call as it goes on the wire.
struct SignedRequest: Sendable {
    let url: String
    /// The body; nil = none.
    let form: String?
    let headers: [(String, String)]
}

/// Signs calls of one account by the scheme the cloud is configured for.
struct OpenAPISigner: Sendable {
    static let version = "2018-01-20"
    static let formType = "application/x-www-form-urlencoded"

    let cloud: Cloud
    let accessKey: AccessKey

    /// - Parameters:
    ///   - nonce: used once.
    ///   - time: `yyyy-MM-ddTHH:mm:ssZ`, UTC.
    func sign(
        _ call: OpenAPICall, nonce: String = UUID().uuidString, time: String = Date.now.formatted(.iso8601)
    ) -> SignedRequest {
        var query = call.query
        if let instanceID = cloud.instanceID { query.append(("IotInstanceId", instanceID)) }
        return switch cloud.signature {
        case .rpcV1: signRPC(call, query, nonce: nonce, time: time)
        case .acs3: signACS3(call, query, nonce: nonce, time: time)
        }
    }

    /// All common parameters go into the query; query and form body are signed together.
    private func signRPC(
        _ call: OpenAPICall, _ business: [(String, String)], nonce: String, time: String
    ) -> SignedRequest {
        var query =
            business + [
                ("Action", call.action), ("Version", Self.version), ("Format", "JSON"), ("RegionId", cloud.regionID),
                ("AccessKeyId", accessKey.id), ("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0"),
                ("SignatureNonce", nonce), ("Timestamp", time),
            ]
        let toSign = RPCSignature.stringToSign(method: "POST", parameters: query + call.form)
        query.append(("Signature", RPCSignature.signature(stringToSign: toSign, secret: accessKey.secret)))
        return SignedRequest(url: url(query), form: form(call), headers: [])
    }

    /// The common values are headers; the form body counts only by its digest.
    private func signACS3(
        _ call: OpenAPICall, _ query: [(String, String)], nonce: String, time: String
    ) -> SignedRequest {
        let form = form(call)
        let digest = ACS3Signature.digest(of: (form ?? "").utf8)
        var headers = [
            ("host", cloud.openAPIAuthority), ("x-acs-action", call.action), ("x-acs-version", Self.version),
            ("x-acs-date", time), ("x-acs-signature-nonce", nonce), ("x-acs-content-sha256", digest),
        ]
        if form != nil { headers.append(("content-type", Self.formType)) }
        let authorization = ACS3Signature.authorization(
            accessKey: accessKey, method: "POST", path: cloud.openAPIPath, query: query, headers: headers,
            contentDigest: digest)
        return SignedRequest(url: url(query), form: form, headers: headers + [("authorization", authorization)])
    }

    private func form(_ call: OpenAPICall) -> String? {
        call.form.isEmpty ? nil : RPCSignature.canonicalQuery(call.form)
    }

    private func url(_ query: [(String, String)]) -> String {
        query.isEmpty ? cloud.openAPI : "\(cloud.openAPI)?\(RPCSignature.canonicalQuery(query))"
    }
}

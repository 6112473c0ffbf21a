import Foundation
import Provisioning
import Testing

@testable import AliyunIoT

@Suite("ACS3 signature", .timeLimit(.minutes(2)))
struct ACS3SignatureTests {
    static let key = AccessKey(id: "YourAccessKeyId", secret: Secret("YourAccessKeySecret"))
    static let query = [
        ("RegionId", "cn-shanghai"), ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
    ]
    static let headers = [
        ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"), ("Host", " ecs.cn-shanghai.aliyuncs.com "),
        ("x-acs-action", "RunInstances"), ("x-acs-version", "2014-05-26"), ("x-acs-date", "2023-10-26T10:22:32Z"),
        ("X-Acs-Content-Sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ]

    @Test("the documentation's request gives the documented digest and signature, whatever the order of its parts")
    func vector() {
        let digest = ACS3Signature.digest(of: [])
        #expect(digest == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let request = ACS3Signature.canonicalRequest(
            method: "POST", query: Self.query, headers: Self.headers, contentDigest: digest)
        #expect(
            ACS3Signature.stringToSign(canonicalRequest: request)
                == "ACS3-HMAC-SHA256\n7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259")
        let header = ACS3Signature.authorization(
            accessKey: Self.key, method: "POST", query: Self.query, headers: Self.headers, contentDigest: digest)
        #expect(
            header
                == "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
                + "x-acs-date;x-acs-signature-nonce;x-acs-version,"
                + "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
        #expect(!header.contains("YourAccessKeySecret"))
    }

    private func signer(_ signature: Cloud.Signature, openAPI: String = "https://iot.example:8443") throws
        -> OpenAPISigner
    {
        let cloud = try Cloud(
            openAPI: openAPI, registration: nil, mqttHost: "h", mqttPort: 1, instanceID: "iot-1", signature: signature)
        return OpenAPISigner(cloud: cloud, accessKey: Self.key)
    }

    @Test("with ACS3 the common values are headers, and the body counts by its digest")
    func signedCall() throws {
        let call = OpenAPICall(
            "BatchCheckDeviceNames", [("ProductKey", "a1")], form: OpenAPICall.list("DeviceName", ["A B*~", "C"]),
            isRepeatable: true)
        let signed = try signer(.acs3).sign(call, nonce: "n", time: "2026-11-23T08:00:00Z")
        #expect(signed.url == "https://iot.example:8443/?IotInstanceId=iot-1&ProductKey=a1")
        #expect(signed.form == "DeviceName.1=A%20B%2A~&DeviceName.2=C")
        let headers = Dictionary(uniqueKeysWithValues: signed.headers)
        #expect(headers["host"] == "iot.example:8443")
        #expect(headers["x-acs-action"] == "BatchCheckDeviceNames" && headers["x-acs-version"] == "2018-01-20")
        #expect(headers["x-acs-content-sha256"] == ACS3Signature.digest(of: (signed.form ?? "").utf8))
        #expect(headers["content-type"] == "application/x-www-form-urlencoded")
        let authorization = try #require(headers["authorization"])
        #expect(authorization.contains("SignedHeaders=content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;"))
        let again = ACS3Signature.authorization(
            accessKey: Self.key, method: "POST", query: [("ProductKey", "a1"), ("IotInstanceId", "iot-1")],
            headers: signed.headers.filter { $0.0 != "authorization" },
            contentDigest: headers["x-acs-content-sha256"] ?? "")
        #expect(authorization == again)
    }

    @Test("with version 1 query and form body are signed together, and the names stay out of the URL")
    func formSigned() throws {
        let call = OpenAPICall(
            "BatchCheckDeviceNames", [("ProductKey", "a1")], form: OpenAPICall.list("DeviceName", ["A:1"]),
            isRepeatable: true)
        let signed = try signer(.rpcV1).sign(call, nonce: "n", time: "2026-11-23T08:00:00Z")
        #expect(signed.headers.isEmpty && signed.form == "DeviceName.1=A%3A1")
        let parts = try #require(URLComponents(string: signed.url))
        var all = (parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }
        #expect(!all.contains { $0.0.hasPrefix("DeviceName") })
        all.append(("DeviceName.1", "A:1"))
        let toSign = RPCSignature.stringToSign(method: "POST", parameters: all)
        #expect(
            all.first { $0.0 == "Signature" }?.1
                == RPCSignature.signature(stringToSign: toSign, secret: Self.key.secret))
    }

    @Test(
        "the Host header names a port only where it is not the scheme's own",
        arguments: [
            ("https://iot.example", "iot.example"), ("https://iot.example:443", "iot.example"),
            ("https://iot.example:8443", "iot.example:8443"), ("http://127.0.0.1:80", "127.0.0.1"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ])
    func authority(_ url: String, _ expected: String) throws {
        #expect(try signer(.acs3, openAPI: url).cloud.openAPIAuthority == expected)
    }
}

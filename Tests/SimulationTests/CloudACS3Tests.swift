import AsyncHTTPClient
import Crypto
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Provisioning
import Testing

@testable import Simulation

/// One call signed by ACS3-HMAC-SHA256, every part of it open to being spoilt.
struct SignedCall: Sendable {
    var action: String
    var query: [(String, String)] = []
    var body: String?
    var method = HTTPMethod.POST
    var headers: [String: String] = [:]
    /// Signed besides what must be.
    var alsoSigned: [String] = []
    var notSigned: Set<String> = []
    var secret = RunningCloud.accessKeySecret
    var algorithm = "ACS3-HMAC-SHA256"
    /// Replaces the body after signing.
    var sentBody: String?

    init(_ action: String, _ query: [(String, String)] = []) { (self.action, self.query) = (action, query) }

    func send(_ cloud: RunningCloud) async throws -> RawAnswer {
        let base = cloud.ready.openapi ?? ""
        var all = [
            "host": base.replacingOccurrences(of: "http://", with: ""), "x-acs-action": action,
            "x-acs-version": "2018-01-20", "x-acs-date": RunningCloud.timestamp(),
            "x-acs-signature-nonce": UUID().uuidString, "x-acs-content-sha256": Self.hex(body ?? ""),
        ]
        if body != nil { all["content-type"] = "application/x-www-form-urlencoded" }
        all.merge(headers) { $1 }
        let signed = (all.keys.filter { $0 == "host" || $0.hasPrefix("x-acs-") } + alsoSigned)
            .filter { !notSigned.contains($0) }.sorted()
        let pairs = query.map { "\(Self.encode($0.0))=\(Self.encode($0.1))" }.sorted().joined(separator: "&")
        let lines = signed.map { "\($0):\((all[$0] ?? "").trimmingCharacters(in: .whitespaces))\n" }.joined()
        let canonical = [
            method.rawValue, "/", pairs, lines, signed.joined(separator: ";"), all["x-acs-content-sha256"] ?? "",
        ].joined(separator: "\n")
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("ACS3-HMAC-SHA256\n\(Self.hex(canonical))".utf8),
            using: SymmetricKey(data: Data(secret.revealed.utf8)))
        let signature = code.map { String(format: "%02x", $0) }.joined()
        var request = HTTPClientRequest(url: base + "/?" + pairs)
        request.method = method
        for (name, value) in all where name != "host" { request.headers.add(name: name, value: value) }
        request.headers.add(
            name: "Authorization",
            value: "\(algorithm) Credential=\(RunningCloud.accessKeyID),SignedHeaders="
                + "\(signed.joined(separator: ";")),Signature=\(signature)")
        if let text = sentBody ?? body { request.body = .bytes(ByteBuffer(string: text)) }
        let response = try await cloud.http.execute(request, timeout: .seconds(30))
        let answer = try await response.body.collect(upTo: 1 << 22)
        return RawAnswer(status: response.status.code, headers: response.headers, text: String(buffer: answer))
    }

    private static func hex(_ text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined()
    }

    private static func encode(_ text: String) -> String {
        var kept = CharacterSet(charactersIn: "-_.~0123456789")
        kept.insert(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        return text.addingPercentEncoding(withAllowedCharacters: kept) ?? ""
    }
}

@Suite("Cloud stand-in: ACS3-HMAC-SHA256")
struct CloudACS3Tests {
    private let key = RunningCloud.productKey

    @Test("the documentation's own request gives the documented signature")
    func vector() throws {
        let headers = [
            ("host", "ecs.cn-shanghai.aliyuncs.com"), ("x-acs-action", "RunInstances"),
            (
                "x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            ),
            ("x-acs-date", "2023-10-26T10:22:32Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"), ("x-acs-version", "2014-05-26"),
        ]
        let text = WireSignature.acsStringToSign(
            method: "POST",
            query: [
                "RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
            ],
            headers: headers.map { (name: $0.0, value: $0.1) }, bodyHash: WireSignature.hash([]))
        #expect(
            text == "ACS3-HMAC-SHA256\n7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259")
        #expect(
            WireSignature.verify(
                hex: "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0", of: text,
                key: "YourAccessKeySecret", method: .sha256))
    }

    @Test("query and form body carry a call; more headers may be signed, in any spelling of their values")
    func accepted() async throws {
        try await RunningCloud.with { cloud async throws in
            var call = SignedCall("RegisterDevice", [("ProductKey", key), ("DeviceName", "dev@1.a:b_c-D")])
            call.headers = [
                "accept": "application/json", "user-agent": " a b/1.0 ", "x-acs-credentials-provider": "static_ak",
            ]
            call.alsoSigned = ["accept", "user-agent"]
            let answer = try await call.send(cloud)
            #expect(answer.json["Success"] as? Bool == true, "\(answer.text)")
            #expect(answer.data["DeviceName"] as? String == "dev@1.a:b_c-D")
            var batch = SignedCall("BatchCheckDeviceNames", [("ProductKey", key), ("IotInstanceId", "")])
            batch.body = "DeviceName.1=unit-0001&DeviceName.2=dev%401.a%3Ab_c-D"
            batch.alsoSigned = ["content-type"]
            #expect(try await batch.send(cloud).data["ApplyId"] is Int)
            var get = SignedCall("QueryProduct", [("ProductKey", key), ("Note", "a+b &*~ü")])
            get.method = .GET
            #expect(try await get.send(cloud).status == 200)
        }
    }

    @Test("what is not signed, not fresh or not known is refused by the gateway's own codes")
    func refused() async throws {
        try await RunningCloud.with { cloud async throws in
            let good = SignedCall("QueryProduct", [("ProductKey", key)])
            func code(_ change: (inout SignedCall) -> Void) async throws -> String {
                var call = good
                change(&call)
                let answer = try await call.send(cloud)
                #expect(answer.status >= 400)
                #expect(answer.json["HostId"] != nil && answer.json["RequestId"] != nil)
                return answer.code ?? "?"
            }
            #expect(try await good.send(cloud).status == 200)
            #expect(try await code { $0.secret = Secret("another") } == "SignatureDoesNotMatch")
            #expect(
                try await code {
                    $0.body = "A=1"; $0.sentBody = "A=2"
                } == "SignatureDoesNotMatch")
            #expect(
                try await code { $0.headers["x-acs-content-sha256"] = String(repeating: "0", count: 64) }
                    == "SignatureDoesNotMatch")
            #expect(try await code { $0.notSigned = ["x-acs-action"] } == "IncompleteSignature")
            #expect(try await code { $0.notSigned = ["host"] } == "IncompleteSignature")
            #expect(try await code { $0.alsoSigned = ["x-nothing"] } == "IncompleteSignature")
            #expect(try await code { $0.algorithm = "ACS3-HMAC-SM3" } == "IncompleteSignature")
            #expect(try await code { $0.action = "SwitchOn" } == "InvalidApi.NotFound")
            #expect(try await code { $0.headers["x-acs-version"] = "2014-05-26" } == "InvalidVersion")
            for offset in [-16 * 60, 16 * 60] as [TimeInterval] {
                let date = RunningCloud.timestamp(offset: offset)
                #expect(try await code { $0.headers["x-acs-date"] = date } == "InvalidTimeStamp.Expired")
            }
            #expect(try await code { $0.headers["x-acs-date"] = "yesterday" } == "InvalidTimeStamp.Format")
            var once = good
            once.headers["x-acs-signature-nonce"] = UUID().uuidString
            #expect(try await once.send(cloud).status == 200)
            #expect(try await once.send(cloud).code == "SignatureNonceUsed")
        }
    }
}

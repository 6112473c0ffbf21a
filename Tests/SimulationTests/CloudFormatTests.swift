import Foundation
import Testing

@testable import Simulation

@Suite("Cloud stand-in: forms of the wire")
struct CloudFormatTests {
    @Test(
        "one instant is written in the platform's three ways",
        arguments: [
            (
                Int64(1_550_628_969_000), "2019-02-20T02:16:09.000Z", "2019-02-20 10:16:09",
                "Wed, 20-Feb-2019 02:16:09 GMT"
            ),
            (Int64(0), "1970-01-01T00:00:00.000Z", "1970-01-01 08:00:00", "Thu, 01-Jan-1970 00:00:00 GMT"),
            (
                Int64(951_782_400_123), "2000-02-29T00:00:00.123Z", "2000-02-29 08:00:00",
                "Tue, 29-Feb-2000 00:00:00 GMT"
            ),
        ]
    )
    func times(instant: Int64, utc: String, china: String, list: String) {
        #expect(CloudTime.utc(instant) == utc)
        #expect(CloudTime.chinaGMT(instant) == china)
        #expect(CloudTime.listGMT(instant) == list)
        #expect(CloudTime.parse(String(utc.prefix(19)) + "Z") == instant / 1000 * 1000)
    }

    @Test(
        "a time stamp in another form is not read",
        arguments: ["", "2019-02-20 02:16:09Z", "2019-02-20T02:16:09", "2019-13-20T02:16:09Z", "2019-02-20T2:16:09ZZ"])
    func badTimes(text: String) { #expect(CloudTime.parse(text) == nil) }

    @Test("JSON is compact, keeps its order and escapes nothing that need not be")
    func json() {
        let value: CloudJSON = [
            "code": .integer(200), "data": ["b": .string("x/y \"z\" \\ é\n"), "a": .array([.bool(true), .null])],
        ]
        #expect(value.text == #"{"code":200,"data":{"b":"x/y \"z\" \\ é\u000a","a":[true,null]}}"#)
    }

    @Test("a form keeps empty values, raw at signs and plus for space")
    func form() {
        let pairs = FormParameters.parse("a=1&SignatureType=&n=dev@x:1&s=a+b%20c%2Bd&bad=%zz&=&flag")
        #expect(pairs.map(\.name) == ["a", "SignatureType", "n", "s", "bad", "", "flag"])
        #expect(pairs.map(\.value) == ["1", "", "dev@x:1", "a b c+d", "%zz", "", ""])
    }

    @Test(
        "the vectors of the platform's documents verify",
        arguments: [
            (
                WireSignature.Method.md5, "aa2621889cf2404c4f96a16fbab36e8f"
            ), (WireSignature.Method.sha1, "D6146F9AD1209149BFAF56341F267283E3E2B4AD"),
            (
                WireSignature.Method.sha256,
                "d6553ca5f0a45c18e46980edd2a1cc8b8f56c91a6ebdab8dead61ec5c946109f"
            ),
        ]
    )
    func vectors(method: WireSignature.Method, hex: String) {
        let content = WireSignature.registrationContent(
            productKey: "al123456789", deviceName: "device1", random: "123")
        let key = "h1nQFYPZS0mW2352"
        #expect(WireSignature.verify(hex: hex, of: content, key: key, method: method))
        #expect(!WireSignature.verify(hex: hex, of: content + "x", key: key, method: method))
        #expect(!WireSignature.verify(hex: String(hex.dropLast(2)), of: content, key: key, method: method))
        #expect(!WireSignature.verify(hex: "zz" + hex.dropFirst(2), of: content, key: key, method: method))
    }

    @Test("the OpenAPI vector of the IoT documents verifies for GET and POST")
    func rpcVector() {
        let parameters = [
            "AccessKeyId": "1234567890123456", "Action": "RegisterDevice", "Version": "2018-01-20", "Format": "JSON",
            "RegionId": "cn-shanghai", "ProductKey": "axxxUtgaRLB", "DeviceName": "1533023037",
            "SignatureNonce": "1533023037", "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0",
            "Timestamp": "2018-07-31T07:43:57Z", "Signature": "not signed",
        ]
        for (method, signature) in [
            ("GET", "zqw+pTAEOU3GWZhpgGlXJJTTYAo="), ("POST", "yWHLMv7IXQ+xDFu3sl8w6wYYoIk="),
        ] {
            let text = WireSignature.rpcStringToSign(method: method, parameters: parameters)
            #expect(
                WireSignature.verifyRPC(
                    signature: signature, stringToSign: text, secret: "123456789012345678901234567890"))
        }
    }

    @Test("two connections within one millisecond have different online times")
    func onlineTimes() {
        let key = DeviceKey(product: "p", name: "n")
        var device = CloudDevice(
            key: key, iotID: "i", number: 1, nickname: nil, secret: "s", created: 5, modified: 5, changed: 5)
        var times: [Int64] = []
        for now in [Int64(100), 100, 100, 99, 200] {
            let time = device.nextOnline(now: now)
            device.lastOnline = time
            times.append(time)
        }
        #expect(times == [100, 101, 102, 103, 200])
        #expect("\(device)" == "device p/n")
    }

    @Test("a nonce counts once for each access key and is forgotten after its window")
    func nonces() {
        let ledger = CallLedger()
        #expect(ledger.admit(nonce: "n", accessKey: "a", now: 0))
        #expect(!ledger.admit(nonce: "n", accessKey: "a", now: 1))
        #expect(ledger.admit(nonce: "n", accessKey: "b", now: 1))
        #expect(ledger.admit(nonce: "n", accessKey: "a", now: 2 * CallLedger.window + 1))
    }
}

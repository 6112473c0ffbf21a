import AliyunIoT
import Provisioning
import Testing

@Suite("Signatures, checked with published vectors")
struct SignatureTests {
    @Test("OpenAPI version 1, vector a of the IoT documentation")
    func vectorA() {
        let parameters = [
            ("AccessKeyId", "testid"), ("Action", "Pub"), ("Version", "2017-04-20"), ("Format", "XML"),
            ("RegionId", "cn-shanghai"), ("ServiceCode", "iot"), ("Qos", "0"), ("ProductKey", "12345abcdeZ"),
            ("TopicFullName", "/productKey/testdevice/get"), ("MessageContent", "aGVsbG93b3JsZA="),
            ("Timestamp", "2017-10-02T09:39:41Z"), ("SignatureNonce", "0715a395-aedf-4a41-bab7-746b43d38d88"),
            ("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0"), ("Signature", "left out"),
        ]
        let text = RPCSignature.stringToSign(method: "GET", parameters: parameters)
        #expect(
            RPCSignature.signature(stringToSign: text, secret: Secret("testsecret")) == "Y9eWn4nF8QPh3c4zAFkM/k/u7eA=")
    }

    @Test("OpenAPI version 1, vector b of the ECS documentation")
    func vectorB() {
        let parameters = [
            ("AccessKeyId", "testid"), ("Action", "DescribeRegions"), ("Version", "2014-05-26"), ("Format", "XML"),
            ("Timestamp", "2016-02-23T12:46:24Z"), ("SignatureNonce", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"),
            ("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0"),
        ]
        let text = RPCSignature.stringToSign(method: "GET", parameters: parameters)
        #expect(
            RPCSignature.signature(stringToSign: text, secret: Secret("testsecret")) == "OLeaidS1JvxuMvnyHOwuJ+uX5qY=")
    }

    @Test(
        "OpenAPI version 1, vector c: the HTTP method is signed too",
        arguments: [("GET", "zqw+pTAEOU3GWZhpgGlXJJTTYAo="), ("POST", "yWHLMv7IXQ+xDFu3sl8w6wYYoIk=")])
    func vectorC(_ method: String, _ expected: String) {
        let parameters = [
            ("AccessKeyId", "1234567890123456"), ("Action", "RegisterDevice"), ("Version", "2018-01-20"),
            ("Format", "JSON"), ("RegionId", "cn-shanghai"), ("ProductKey", "axxxUtgaRLB"),
            ("DeviceName", "1533023037"), ("SignatureNonce", "1533023037"), ("Timestamp", "2018-07-31T07:43:57Z"),
            ("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0"),
        ]
        for parameters in [parameters, parameters.reversed()] {
            let text = RPCSignature.stringToSign(method: method, parameters: parameters)
            let secret = Secret("123456789012345678901234567890")
            #expect(RPCSignature.signature(stringToSign: text, secret: secret) == expected)
        }
    }

    @Test("percent-encoding keeps RFC 3986's unreserved characters alone, and empty values stay")
    func percentEncode() {
        #expect(RPCSignature.percentEncode("AZaz09-_.~") == "AZaz09-_.~")
        #expect(RPCSignature.percentEncode(" *+/=&%:@温") == "%20%2A%2B%2F%3D%26%25%3A%40%E6%B8%A9")
        #expect(RPCSignature.canonicalQuery([("b", ""), ("a", "1"), ("B", "2")]) == "B=2&a=1&b=")
    }

    @Test(
        "dynamic registration: three digests, upper case out, either case in",
        arguments: [
            (SignMethod.hmacmd5, "aa2621889cf2404c4f96a16fbab36e8f"),
            (.hmacsha1, "d6146f9ad1209149bfaf56341f267283e3e2b4ad"),
            (.hmacsha256, "d6553ca5f0a45c18e46980edd2a1cc8b8f56c91a6ebdab8dead61ec5c946109f"),
        ])
    func registration(_ method: SignMethod, _ expected: String) {
        let secret = Secret("h1nQFYPZS0mW2352")
        func verify(_ signature: String, random: String = "123", secret: Secret) -> Bool {
            RegistrationSignature.verify(
                signature, productKey: "al123456789", deviceName: "device1", random: random, secret: secret,
                method: method)
        }
        let signature = RegistrationSignature.sign(
            productKey: "al123456789", deviceName: "device1", random: "123", secret: secret, method: method)
        #expect(signature == expected.uppercased())
        #expect(verify(expected, secret: secret))
        #expect(verify(signature, secret: secret))
        #expect(!verify(expected, random: "124", secret: secret))
        #expect(!verify(expected, secret: Secret("h1nQFYPZS0mW2353")))
        for wrong in ["", "zz", String(expected.dropLast()), String(expected.dropLast(2)), expected + "00"] {
            #expect(!verify(wrong, secret: secret))
        }
    }

    @Test("device connection: the timestamp is signed only when it is sent")
    func device() {
        var signature = DeviceSignature(clientID: "12345", deviceName: "device", productKey: "pk", timestamp: "789")
        let text = signature.sign(secret: Secret("secret"), method: .hmacsha1)
        #expect(text == "FAFD82A3D602B37FB0FA8B7892F24A477F851A14")
        #expect(signature.verify(text.lowercased(), secret: Secret("secret"), method: .hmacsha1))
        signature.timestamp = nil
        #expect(!signature.verify(text, secret: Secret("secret"), method: .hmacsha1))
    }

    @Test(
        "client identifiers of real clients are read, whatever the order of their keys",
        arguments: [
            ("dn.pk|random=1234567890,authType=register,securemode=2,signmethod=hmacsha256|", "dn.pk", "register"),
            ("pk.dn|authType=register,random=F2614127,signmethod=hmacsha256,securemode=2|", "pk.dn", "register"),
            ("id|securemode=-2,authType=connwl,_ss=1,ext=3,_v=sdk-c-4.2.0|", "id", "connwl"),
            ("pk&dn|securemode=2,authType=x,ext=3,|", "pk&dn", "x"),
            ("id|authType=a", "id", "a"),
        ])
    func clientID(_ text: String, _ id: String, _ authType: String) {
        let parameters = ClientIDParameters.parse(text)
        #expect(parameters?.id == id)
        #expect(parameters?["authType"] == authType)
        #expect(parameters?["missing"] == nil)
    }

    @Test(
        "what is no client identifier of the platform is nil", arguments: ["", "id", "|a=b|", "id|a|", "id|a=b|c=d|"])
    func noClientID(_ text: String) { #expect(ClientIDParameters.parse(text) == nil) }

    @Test("a client identifier written is read as it was")
    func clientIDRoundTrip() {
        let parameters = ClientIDParameters(id: "a", pairs: [.init("k", "v=w"), .init("l", "")])
        #expect(parameters.text == "a|k=v=w,l=|")
        #expect(ClientIDParameters.parse(parameters.text) == parameters)
    }
}

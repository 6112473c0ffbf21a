import Testing

@testable import AliyunIoT

@Suite("Where the cloud is, and what its errors mean")
struct CloudTests {
    private func make(openAPI: String = "https://iot.example", registration: String? = nil) throws -> Cloud {
        try Cloud(openAPI: openAPI, registration: registration, mqttHost: "mqtt.example", mqttPort: 1883)
    }

    @Test(
        "https everywhere, plain http to this machine alone",
        arguments: [
            ("https://iot.cn-shanghai.aliyuncs.com", true), ("https://iot.example:8443/", true),
            ("http://127.0.0.1:8080", true), ("http://localhost:8080/", true), ("http://[::1]:8080", true),
            ("http://127.8.9.1", true), ("HTTPS://iot.example", true),
            ("http://iot.cn-shanghai.aliyuncs.com", false), ("http://127.evil.example", false),
            ("http://localhost.example", false), ("http://192.168.1.2", false), ("http://[::2]", false),
            ("ftp://localhost", false), ("iot.example", false), ("", false), ("https://", false),
            ("https://user:word@iot.example", false), ("https://iot.example/?a=b", false),
        ])
    func schemes(_ url: String, _ isAccepted: Bool) {
        if isAccepted {
            #expect(throws: Never.self) { try make(openAPI: url) }
            #expect(throws: Never.self) { try make(registration: url) }
        } else {
            let error = #expect(throws: CloudError.self) { try make(openAPI: url) }
            #expect(error?.code == .input)
            #expect(throws: CloudError.self) { try make(registration: url) }
        }
    }

    @Test("the platform's paths are added where there is none")
    func paths() throws {
        let plain = try make(registration: "https://iot-auth.example")
        #expect(plain.openAPI == "https://iot.example/")
        #expect(plain.registration == "https://iot-auth.example/auth/register/device")
        #expect(try make(registration: "https://h:8686/own").registration == "https://h:8686/own")
        #expect(throws: CloudError.self) {
            try Cloud(openAPI: "https://iot.example", registration: nil, mqttHost: "", mqttPort: 1883)
        }
        #expect(throws: CloudError.self) {
            try Cloud(openAPI: "https://iot.example", registration: nil, mqttHost: "h", mqttPort: 65_536)
        }
    }

    @Test(
        "the cloud's codes are classed",
        arguments: [
            ("Throttling", 400, CloudError.Code.throttled), ("Throttling.User", 400, .throttled),
            ("Throttling.Api", 503, .throttled), ("", 429, .throttled), ("iot.system.SystemException", 200, .outage),
            ("ServiceUnavailable", 503, .outage), ("InternalError", 500, .outage), ("", 502, .outage),
            ("whatever", 500, .outage), ("IllegalTimestamp", 400, .clock), ("InvalidTimeStamp.Expired", 400, .clock),
            ("InvalidTimeStamp.Format", 400, .clock), ("SignatureDoesNotMatch", 400, .credentials),
            ("InvalidAccessKeyId.NotFound", 404, .credentials), ("InvalidAccessKeyId.Inactive", 400, .credentials),
            ("iot.common.InvalidTenant", 200, .permission), ("iot.common.RamActionPermissionDeny", 200, .permission),
            ("iot.common.APINotSupportedInInstance", 200, .permission), ("Forbidden.RAM", 403, .permission),
            ("iot.prod.NotExistedProduct", 200, .notFound), ("iot.device.NotExistedDevice", 200, .notFound),
            ("iot.device.AlreadyExistedDeviceName", 200, .alreadyExists),
            ("iot.device.DeviceCountExceeded", 200, .quota), ("iot.device.InvalidFormattedDeviceName", 200, .input),
            ("iot.device.NullDeviceName", 200, .input), ("iot.device.InvalidIoTId", 200, .input),
            ("iot.prod.NullProductKey", 200, .input), ("iot.prod.InvalidFormattedProductkey", 200, .input),
            ("iot.common.InvalidFormattedParameter", 200, .input), ("MissingDeviceName", 400, .input),
            ("InvalidParameter.Format", 400, .input), ("iot.never.Heard", 200, .unexpected), ("", 404, .unexpected),
        ])
    func classes(_ code: String, _ status: Int, _ expected: CloudError.Code) {
        #expect(CloudError.classify(remoteCode: code, httpStatus: status) == expected)
    }

    @Test("only what passes by itself is waited for; only what surely had no effect may be repeated blindly")
    func retry() {
        for code in CloudError.Code.allCases {
            let error = CloudError(code, "")
            let passes: [CloudError.Code] = [.throttled, .outage, .timeout, .unreachable]
            #expect((error.retry == .backOff) == passes.contains(code))
        }
        #expect(!CloudError(.timeout, "").hadNoEffect && !CloudError(.outage, "").hadNoEffect)
        #expect(CloudError(.unreachable, "").hadNoEffect && CloudError(.throttled, "").hadNoEffect)
    }

    @Test("texts from the cloud are cut to one clean line, without the echoed string to sign")
    func clean() {
        #expect(CloudError.clean("a\r\n\tb\u{7}c.") == "a b c")
        #expect(CloudError.clean(String(repeating: "x", count: 500)).count == 160)
        let echo = "Specified signature is not matched with our calculation. server string to sign is:POST&%2F&Access"
        #expect(CloudError.clean(echo) == "Specified signature is not matched with our calculation")
    }
}

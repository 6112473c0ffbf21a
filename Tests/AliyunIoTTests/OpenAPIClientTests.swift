import Locking
import AliyunIoT
import Foundation
import Provisioning
import Testing

@Suite("OpenAPI calls", .timeLimit(.minutes(2)))
struct OpenAPIClientTests {
    static let key = AccessKey(id: "testid", secret: Secret("testsecret"))
    static let detail = """
        {"DeviceName":"D1","DeviceSecret":"0123456789abcdef0123456789abcdef","FirmwareVersion":"1.2.3",\
        "GmtActive":"2026-11-23 10:48:41","IotId":"iot-1","ProductKey":"a1","Status":"ONLINE","UtcActive":\
        "2026-11-23T02:48:41.000Z","UtcCreate":"2026-11-22T02:48:41.000Z","UtcOnline":"","NodeType":0,"Owner":true}
        """

    /// Runs `body` with a client of `server`.
    private func with<R: Sendable>(
        _ server: StubServer, deadline: Duration = .seconds(30), instanceID: String? = nil,
        _ body: @escaping @Sendable (OpenAPIClient) async throws -> R
    ) async throws -> R {
        try await server.run { port in
            let cloud = try Cloud(
                openAPI: "http://127.0.0.1:\(port)", registration: nil, mqttHost: "127.0.0.1", mqttPort: 1,
                instanceID: instanceID)
            let client = OpenAPIClient(
                cloud: cloud, accessKey: Self.key, limiter: RateLimiter(perSecond: 1000, burst: 1000),
                deadline: deadline)
            do {
                let result = try await body(client)
                await client.shutdown()
                return result
            } catch {
                await client.shutdown()
                throw error
            }
        }
    }

    @Test("a call is a POST to / with an empty body, all parameters in the query, and a signature that verifies")
    func signed() async throws {
        let server = StubServer { _, _ in .success(#"{"IotId":"iot-1","DeviceName":"D1","DeviceSecret":"s3cr3t"}"#) }
        let device = try await with(server, instanceID: "iot-060a") {
            try await $0.registerDevice(productKey: "a1", deviceName: "AA:BB@_.-")
        }
        #expect(device.iotID == "iot-1" && device.deviceName == "D1" && device.requestID == "R-1")
        #expect(device.cloudDate == "Mon, 23 Nov 2026 08:00:00 GMT")
        var dumped = ""
        dump(device, to: &dumped)
        #expect(!dumped.contains("s3cr3t"))

        let request = try #require(server.requests.now.first)
        #expect(request.method == "POST" && request.path == "/" && request.body.isEmpty)
        let toSign = RPCSignature.stringToSign(method: "POST", parameters: request.parameters)
        #expect(request["Signature"] == RPCSignature.signature(stringToSign: toSign, secret: Self.key.secret))
        #expect(request["Action"] == "RegisterDevice" && request["Version"] == "2018-01-20")
        #expect(request["DeviceName"] == "AA:BB@_.-" && request["IotInstanceId"] == "iot-060a")
        #expect(request["RegionId"] == "cn-shanghai" && request["AccessKeyId"] == "testid")
        #expect(request["Timestamp"]?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
        #expect(!request.parameters.contains { $0.1.contains("testsecret") })
    }

    @Test("a device's record is read without its secret; empty times are missing; the cloud's date is kept")
    func deviceDetail() async throws {
        let server = StubServer { _, _ in .success(Self.detail) }
        let reading = try await with(server) { try await $0.queryDeviceDetail(productKey: "a1", deviceName: "D1") }
        #expect(
            reading
                == DeviceReading(
                    state: .online, iotID: "iot-1", createdAt: "2026-11-22T02:48:41.000Z",
                    activatedAt: "2026-11-23T02:48:41.000Z", onlineAt: nil, firmwareVersion: "1.2.3",
                    requestID: "R-1", cloudDate: "Mon, 23 Nov 2026 08:00:00 GMT"))
        let byID = try await with(server) { try await $0.queryDeviceDetail(iotID: "iot-1") }
        #expect(byID == reading)
        #expect(server.requests.now.last?["IotId"] == "iot-1")
        #expect(server.requests.now.last?["DeviceName"] == nil)
    }

    @Test("a device that is not there is nil, with the request id and the cloud's date")
    func notThere() async throws {
        let server = StubServer { _, _ in .failure("iot.device.NotExistedDevice") }
        let lookup = try await with(server) {
            try await $0.lookUpDevice(.name(productKey: "a1", deviceName: "D1"))
        }
        #expect(lookup == DeviceLookup(reading: nil, requestID: "R-2", cloudDate: "Mon, 23 Nov 2026 08:00:00 GMT"))
    }

    @Test("state and product are read; a ProductSecret is not")
    func others() async throws {
        let server = StubServer { request, _ in
            request["Action"] == "GetDeviceStatus"
                ? .success(#"{"Status":"DISABLE","Timestamp":1700000000000}"#)
                : .success(
                    #"{"ProductKey":"a1","ProductSecret":"s3cr3t","ProductName":"P","AuthType":"secret","#
                        + #""ProductStatus":"RELEASE_STATUS","DeviceCount":7,"NodeType":"odd"}"#)
        }
        let (status, product) = try await with(server) { client in
            (
                try await client.getDeviceStatus(productKey: "a1", deviceName: "D1"),
                try await client.queryProduct(productKey: "a1")
            )
        }
        #expect(status.state == .disable && status.timestamp == 1_700_000_000_000)
        #expect(product.isReleased && product.deviceCount == 7 && product.authType == "secret")
        #expect(product.nodeType == nil)
        var dumped = ""
        dump(product, to: &dumped)
        #expect(!dumped.contains("s3cr3t"))
    }

    @Test("a lost reply to RegisterDevice is a timeout, and the call is not made again")
    func lostReply() async throws {
        let server = StubServer { _, _ in .hangUp }
        let error = await #expect(throws: CloudError.self) {
            try await with(server) { try await $0.registerDevice(productKey: "a1", deviceName: "D1") }
        }
        #expect(error?.code == .timeout)
        #expect(error?.hadNoEffect == false)
        #expect(server.requests.now.count == 1)
    }

    @Test("after an outage RegisterDevice is not made again, after throttling it is")
    func registerAgain() async throws {
        let broken = StubServer { _, _ in .reply(503, "<html>") }
        let error = await #expect(throws: CloudError.self) {
            try await with(broken) { try await $0.registerDevice(productKey: "a1", deviceName: "D1") }
        }
        #expect(error?.code == .outage)
        #expect(broken.requests.now.count == 1)

        let busy = StubServer { _, number in
            number == 1
                ? .failure("Throttling.User", status: 400, headers: ["x-acs-retry-after": "10"])
                : .success(#"{"IotId":"iot-1"}"#)
        }
        let device = try await with(busy) { try await $0.registerDevice(productKey: "a1", deviceName: "D1") }
        #expect(device.iotID == "iot-1" && device.deviceName == "D1")
        let nonces = Set(busy.requests.now.compactMap { $0["SignatureNonce"] })
        #expect(nonces.count == 2, "each attempt is signed anew")
    }

    @Test("a question is asked again while the cloud is in trouble", arguments: [0, 1, 2])
    func queryAgain(_ trouble: Int) async throws {
        let troubles: [StubAnswer] = [
            .hangUp, .failure("iot.system.SystemException"), .failure("Throttling", status: 400),
        ]
        let first = troubles[trouble]
        let server = StubServer { _, number in number <= 2 ? first : .success(Self.detail) }
        let reading = try await with(server) { try await $0.queryDeviceDetail(productKey: "a1", deviceName: "D1") }
        #expect(reading?.iotID == "iot-1")
        #expect(server.requests.now.count == 3)
    }

    @Test("what waiting does not change is told at once")
    func atOnce() async throws {
        let codes: [(String, CloudError.Code)] = [
            ("iot.device.AlreadyExistedDeviceName", .alreadyExists), ("SignatureDoesNotMatch", .credentials),
            ("IllegalTimestamp", .clock),
        ]
        for (remote, code) in codes {
            let server = StubServer { _, _ in .failure(remote) }
            let error = await #expect(throws: CloudError.self) {
                try await with(server) { try await $0.queryProduct(productKey: "a1") }
            }
            #expect(error?.code == code && error?.remoteCode == remote && error?.requestID == "R-2")
            #expect(server.requests.now.count == 1)
        }
    }

    @Test("the deadline covers the body, not only the head")
    func slowBody() async throws {
        for answer in [StubAnswer.headOnly, .silence] {
            let server = StubServer { _, _ in answer }
            let error = await #expect(throws: CloudError.self) {
                try await with(server, deadline: .milliseconds(200)) {
                    try await $0.registerDevice(productKey: "a1", deviceName: "D1")
                }
            }
            #expect(error?.code == .timeout)
        }
    }

    @Test("an answer that is too long, or no JSON, or without its data is told as unexpected")
    func unexpected() async throws {
        let answers: [StubAnswer] = [
            .reply(200, String(repeating: " ", count: 1 << 20 + 1)), .reply(200, "<html>"), .reply(404, "no"),
            .reply(200, #"{"RequestId":"R","Success":true}"#), .reply(200, "[]"), .reply(302, ""),
        ]
        for answer in answers {
            let server = StubServer { _, _ in answer }
            let error = await #expect(throws: CloudError.self) {
                try await with(server) { try await $0.queryProduct(productKey: "a1") }
            }
            #expect(error?.code == .unexpected)
        }
    }

    @Test("the caller's time bounds all attempts, and the wait for the station's share")
    func overall() async throws {
        let server = StubServer { _, _ in
            .failure("Throttling", status: 400, headers: ["x-acs-retry-after": "600000"])
        }
        let error = await #expect(throws: CloudError.self) {
            try await with(server) { try await $0.queryProduct(productKey: "a1", within: .seconds(60)) }
        }
        #expect(error?.code == .throttled && error?.remoteCode == "Throttling")
        #expect(error?.retryAfter == .seconds(600))
        #expect(server.requests.now.count == 1)

        let share = await #expect(throws: CloudError.self) {
            try await server.run { port in
                let limiter = RateLimiter(perSecond: 0.001, burst: 1)
                try await limiter.acquire()
                let cloud = try Cloud(
                    openAPI: "http://127.0.0.1:\(port)", registration: nil, mqttHost: "h", mqttPort: 1)
                let client = OpenAPIClient(cloud: cloud, accessKey: Self.key, limiter: limiter)
                defer { _ = client }
                do {
                    _ = try await client.queryProduct(productKey: "a1", within: .milliseconds(100))
                } catch {
                    await client.shutdown()
                    throw error
                }
                await client.shutdown()
            }
        }
        #expect(share?.code == .throttled && share?.remoteCode == nil)
    }

    @Test("nobody listening is unreachable; a certificate nobody trusts is a TLS error; a trusted one works")
    func transport() async throws {
        // Port 1 is given to nobody by chance, and nobody listens there.
        let gone = try Cloud(openAPI: "http://127.0.0.1:1", registration: nil, mqttHost: "h", mqttPort: 1)
        let goneError = await Self.error(of: gone, within: .seconds(60))
        #expect(goneError?.code == .unreachable, "\(String(describing: goneError))")

        let server = StubServer(tls: try TestPKI.serverContext()) { _, _ in .success(#"{"ProductKey":"a1"}"#) }
        try await server.run { port in
            let url = "https://localhost:\(port)"
            let untrusted = try Cloud(openAPI: url, registration: nil, mqttHost: "h", mqttPort: 1)
            let untrustedError = await Self.error(of: untrusted)
            #expect(untrustedError?.code == .tls, "\(String(describing: untrustedError))")
            let missing = try Cloud(
                openAPI: url, registration: nil, mqttHost: "h", mqttPort: 1, caFile: "/nonexistent/ca.pem")
            let missingError = await Self.error(of: missing)
            #expect(missingError?.code == .tls, "\(String(describing: missingError))")
            try await TestPKI.withCAFile { caFile in
                let trusted = try Cloud(openAPI: url, registration: nil, mqttHost: "h", mqttPort: 1, caFile: caFile)
                let trustedError = await Self.error(of: trusted)
                #expect(trustedError == nil)
            }
        }
    }

    private static func error(of cloud: Cloud, within: Duration = .seconds(30)) async -> CloudError? {
        let client = OpenAPIClient(cloud: cloud, accessKey: key, limiter: RateLimiter(perSecond: 1000, burst: 1000))
        var failure: CloudError?
        do {
            _ = try await client.queryProduct(productKey: "a1", within: within)
        } catch {
            failure = error as? CloudError
        }
        await client.shutdown()
        return failure
    }
}

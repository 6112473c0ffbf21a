import AliyunIoT
import AsyncHTTPClient
import Crypto
import Foundation
import Logging
import MQTT
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOSSL
import Provisioning

@testable import Simulation

/// A stand-in that runs for the length of a test, with what the tests need to talk to it.
struct RunningCloud: Sendable {
    static let productKey = "a1Tq7Wn2Xe0"
    static let productSecret = Secret("h1nQFYPZS0mW2352")
    static let accessKeyID = "LTAI5tTestStation"
    static let accessKeySecret = Secret("s3cr3tOfTheAccessKeyForTests00")

    let ready: ReadyFile
    let http: HTTPClient

    var admin: CloudAdmin { get throws { try CloudAdmin(ready) } }

    /// The station's view of this stand-in.
    func cloud(instanceID: String? = nil) throws -> Cloud {
        let mqtt = ready.mqttTLS ?? ""
        return try Cloud(
            openAPI: ready.openapiTLS ?? "", registration: ready.registration, mqttHost: "127.0.0.1",
            mqttPort: Int(mqtt.split(separator: ":").last ?? "") ?? 0, caFile: ready.caFile, instanceID: instanceID)
    }

    /// One product with its switch on and one access key.
    static func configuration(
        _ change: (inout CloudConfiguration.Behaviour) -> Void = { _ in }
    ) -> CloudConfiguration {
        var behaviour = CloudConfiguration.Behaviour()
        change(&behaviour)
        return CloudConfiguration(
            accessKeys: [.init(id: accessKeyID, secret: accessKeySecret)],
            products: [.init(key: productKey, secret: productSecret, name: "Thermometer")], behaviour: behaviour)
    }

    /// Runs a stand-in while `body` runs; ends it and waits for its end.
    static func with<R: Sendable>(
        _ configuration: CloudConfiguration = configuration(),
        _ body: @Sendable (RunningCloud) async throws -> R
    ) async throws -> R {
        let (announced, announce) = AsyncStream.makeStream(of: ReadyFile.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { announce.finish() }
                let quiet = Logger(label: "cloud", factory: { _ in SwiftLogNoOpLogHandler() })
                try await CloudStandIn(configuration: configuration, logger: quiet).run { announce.yield($0) }
            }
            guard let ready = await announced.first(where: { _ in true }) else {
                try await group.next()
                throw CloudStandInError(code: .listen, sentence: "the stand-in ended before it was ready")
            }
            var options = HTTPClient.Configuration()
            var tls = TLSConfiguration.makeClientConfiguration()
            if let caFile = ready.caFile { tls.trustRoots = .file(caFile) }
            options.tlsConfiguration = tls
            let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: options)
            let result: Result<R, any Error>
            do {
                result = .success(try await body(RunningCloud(ready: ready, http: http)))
            } catch {
                result = .failure(error)
            }
            try await http.shutdown()
            group.cancelAll()
            try await group.next()
            return try result.get()
        }
    }
}

/// An HTTP answer as a test looks at it.
struct RawAnswer: Sendable {
    let status: UInt
    let headers: HTTPHeaders
    let text: String

    /// The body as a JSON object.
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }
    /// The member `Data`.
    var data: [String: Any] { json["Data"] as? [String: Any] ?? [:] }
    var code: String? { json["Code"] as? String }
}

extension RunningCloud {
    enum Place: Sendable { case query, body }

    /// Calls an action as a client would, with every parameter open to being spoilt by `change`.
    func call(
        _ action: String, _ parameters: [String: String] = [:], method: HTTPMethod = .POST, place: Place = .query,
        secret: Secret = RunningCloud.accessKeySecret, change: (inout [String: String]) -> Void = { _ in },
        afterSigning: (inout [String: String]) -> Void = { _ in }
    ) async throws -> RawAnswer {
        var all = parameters
        let common = [
            "Action": action, "Version": "2018-01-20", "Format": "JSON", "RegionId": "cn-shanghai",
            "AccessKeyId": Self.accessKeyID, "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0",
            "SignatureType": "", "SignatureNonce": UUID().uuidString, "Timestamp": Self.timestamp(),
        ]
        all.merge(common) { own, _ in own }
        change(&all)
        let text = RPCSignature.stringToSign(method: method.rawValue, parameters: all.map { ($0.key, $0.value) })
        all["Signature"] = RPCSignature.signature(stringToSign: text, secret: secret)
        afterSigning(&all)
        let form = all.map { "\(RPCSignature.percentEncode($0.key))=\(RPCSignature.percentEncode($0.value))" }
            .joined(separator: "&")
        let base = ready.openapi ?? ""
        return place == .query
            ? try await send(method, "\(base)/?\(form)") : try await send(method, "\(base)/", form: form)
    }

    func send(_ method: HTTPMethod, _ url: String, form: String? = nil) async throws -> RawAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        if let form {
            request.body = .bytes(ByteBuffer(string: form))
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        }
        let response = try await http.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 1 << 22)
        return RawAnswer(status: response.status.code, headers: response.headers, text: String(buffer: body))
    }

    /// `HTTPS` registration with everything settable.
    func register(
        _ name: String, product: String = RunningCloud.productKey, secret: Secret = RunningCloud.productSecret,
        method: SignMethod = .hmacsha256, upper: Bool = true, random: String = "8Ygb7ULYh53B6OA"
    ) async throws -> RawAnswer {
        let sign = RegistrationSignature.sign(
            productKey: product, deviceName: name, random: random, secret: secret, method: method)
        let form =
            "productKey=\(product)&deviceName=\(name)&random=\(random)"
            + "&sign=\(upper ? sign : sign.lowercased())&signMethod=\(method.rawValue)"
        return try await send(.POST, "\(ready.registration ?? "")/auth/register/device", form: form)
    }

    /// DeviceSecret of a registration that must succeed.
    func secret(of name: String) async throws -> Secret {
        let answer = try await register(name)
        let data = answer.json["data"] as? [String: Any]
        guard let text = data?["deviceSecret"] as? String else {
            throw CloudStandInError(code: .admin, sentence: "no secret for \(name): \(answer.json["code"] ?? "?")")
        }
        return Secret(text)
    }

    func detail(_ name: String) async throws -> [String: Any] {
        try await call("QueryDeviceDetail", ["ProductKey": Self.productKey, "DeviceName": name]).data
    }

    /// Creates a device and returns its IotId.
    @discardableResult
    func create(_ name: String) async throws -> String {
        try await call("RegisterDevice", ["ProductKey": Self.productKey, "DeviceName": name]).data["IotId"] as? String
            ?? ""
    }

    static func timestamp(offset: TimeInterval = 0) -> String {
        Date(timeIntervalSinceNow: offset).formatted(.iso8601)
    }

    /// Waits for a fact about the cloud, at most 30 s.
    func eventually(_ fact: () async throws -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if try await fact() { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }
}

/// A CONNECT of a test's own making.
struct RawConnect: Sendable {
    var id = "client-1"
    var parameters: String
    var username: String
    var password: String
    var keepAlive: UInt16 = 60

    /// A device connection as the platform documents it.
    static func device(
        _ name: String, secret: Secret, id: String = "client-1", method: SignMethod = .hmacsha256,
        timestamp: String? = "2524608000000", secureMode: Int = 2, extra: String = ""
    ) -> RawConnect {
        let sign = DeviceSignature(
            clientID: id, deviceName: name, productKey: RunningCloud.productKey, timestamp: timestamp
        ).sign(secret: secret, method: method)
        let stamp = timestamp.map { ",timestamp=\($0)" } ?? ""
        return RawConnect(
            id: id, parameters: "securemode=\(secureMode),signmethod=\(method.rawValue)\(stamp)\(extra)",
            username: "\(name)&\(RunningCloud.productKey)", password: sign)
    }

    /// A registration connection.
    static func registration(
        _ name: String, secret: Secret = RunningCloud.productSecret, product: String = RunningCloud.productKey,
        method: SignMethod = .hmacsha256, parameters: String? = nil, lower: Bool = false
    ) -> RawConnect {
        let sign = RegistrationSignature.sign(
            productKey: product, deviceName: name, random: "42", secret: secret, method: method)
        let text = parameters ?? "random=42,authType=register,securemode=2,signmethod=\(method.rawValue)"
        return RawConnect(
            parameters: text, username: "\(name)&\(product)", password: lower ? sign.lowercased() : sign,
            keepAlive: 1200)
    }

    /// Connects and lends the connection; a refusal is thrown as `ConnectionError`.
    func open<R: Sendable>(
        _ cloud: RunningCloud, overTLS: Bool = true, _ body: @Sendable (Connection) async throws -> R
    ) async throws -> R {
        let address = (overTLS ? cloud.ready.mqttTLS : cloud.ready.mqttTCP) ?? ""
        let connect = Packet.Connect(
            clientID: "\(id)|\(parameters)|", keepAlive: keepAlive, username: username,
            password: ByteBuffer(string: password))
        return try await Connection.withConnection(
            to: "127.0.0.1", port: Int(address.split(separator: ":").last ?? "") ?? 0,
            tls: overTLS ? try TLSClient(caFile: cloud.ready.caFile) : nil, connect: connect, deadline: .seconds(30)
        ) { connection in try await body(connection) }
    }

    /// The CONNACK code: 0 accepted; -1 = closed without one.
    func code(_ cloud: RunningCloud, overTLS: Bool = true) async throws -> Int {
        do {
            return try await open(cloud, overTLS: overTLS) { _ in 0 }
        } catch let error as ConnectionError {
            if case .refused(let code) = error.code { return Int(code) }
            return -1
        }
    }
}

/// A folder of its own for one test, removed at its end.
func withTemporaryFolder<R>(_ body: (String) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cloud-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

import AliyunIoT
import Provisioning

/// The devices of a measurement: their names made in the stand-in, and what a device does, with the station's own client.
struct CloudDevices: Sendable {
    /// A device that has its credential.
    struct Device: Sendable {
        let name: String
        let secret: Secret
    }

    /// Names that are registered again and again: they never connect, so that they may be.
    static let registrationNames = 1000

    /// Time for one connection; far beyond what any takes that counts.
    private static let deadline = Duration.seconds(30)

    let credentials: DemoCredentials

    // MARK: - Before the measurement

    /// Makes names with the OpenAPI's batch calls.
    func makeNames(_ names: [String], in cloud: Cloud) async throws {
        let client = OpenAPIClient(
            cloud: cloud, accessKey: AccessKey(id: credentials.accessKeyID, secret: credentials.accessKeySecret),
            limiter: RateLimiter(perSecond: 10_000, burst: 100))
        let registrar = BatchRegistrar(client: client, pollInterval: .milliseconds(50))
        do {
            for chunk in BatchRegistrar.chunks(of: names) {
                let report = try await registrar.run(
                    BatchRegistration(productKey: credentials.productKey, names: chunk))
                guard report.isComplete else {
                    throw CloudMeasurement.MeasurementError(
                        description: "the stand-in made \(report.createdCount) of \(chunk.count) names")
                }
            }
        } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
    }

    /// Fetches each name's DeviceSecret by dynamic registration, `workers` at a time.
    func makeDevices(_ names: [String], in cloud: Cloud, workers: Int) async throws -> [Device] {
        try await withThrowingTaskGroup(of: Device.self) { group in
            var waiting = names[...]
            for name in waiting.prefix(workers) {
                group.addTask { Device(name: name, secret: try await registerOverMQTT(name, in: cloud)) }
            }
            waiting = waiting.dropFirst(workers)
            var devices: [Device] = []
            while let device = try await group.next() {
                devices.append(device)
                guard let name = waiting.popFirst() else { continue }
                group.addTask { Device(name: name, secret: try await registerOverMQTT(name, in: cloud)) }
            }
            return devices
        }
    }

    /// `count` names that begin with `prefix`.
    static func names(_ prefix: String, _ count: Int) -> [String] {
        (0..<count).map { "\(prefix)-\(100_000 + $0)" }
    }

    // MARK: - What is measured

    /// TCP, TLS, CONNECT, CONNACK, the pushed secret, DISCONNECT.
    @discardableResult
    func registerOverMQTT(_ name: String, in cloud: Cloud) async throws -> Secret {
        try await DynamicRegistration(cloud: cloud, deadline: Self.deadline)
            .overMQTT(productKey: credentials.productKey, deviceName: name, productSecret: credentials.productSecret)
    }

    /// TCP, TLS, one POST and its answer, close.
    @discardableResult
    func registerOverHTTPS(_ name: String, in cloud: Cloud) async throws -> Secret {
        try await DynamicRegistration(cloud: cloud, deadline: Self.deadline)
            .overHTTPS(productKey: credentials.productKey, deviceName: name, productSecret: credentials.productSecret)
    }

    /// TCP, TLS, a signed CONNECT, CONNACK; then `body`, then DISCONNECT.
    ///
    /// A broker that asks for no credential takes the same packet.
    func connect<R>(
        _ device: Device, to cloud: Cloud, keepAlive: UInt16 = 60, isolation: isolated (any Actor)? = #isolation,
        _ body: (DeviceSession) async throws -> R
    ) async throws -> R {
        try await DeviceConnection.withConnection(
            cloud: cloud, productKey: credentials.productKey, deviceName: device.name, deviceSecret: device.secret,
            keepAlive: keepAlive, deadline: Self.deadline, body)
    }
}

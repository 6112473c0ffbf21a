import AliyunIoT
import Foundation
import Provisioning
import Simulation
import Testing

/// The cloud behind a station's back: what anybody with the account's key, or with the ProductSecret, can do.
struct ReconcileFloor: Sendable {
    let bed: StationBed
    let api: OpenAPIClient
    let cloud: Cloud
    let admin: CloudAdmin

    static func with<Value: Sendable>(
        _ bed: StationBed, _ body: @Sendable (ReconcileFloor) async throws -> Value
    ) async throws -> Value {
        let ready = try ReadyFile.read(from: bed.cloudReady)
        let port = ready.mqttTLS?.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let cloud = try Cloud(
            openAPI: ready.openapiTLS ?? "", registration: ready.registration, mqttHost: "127.0.0.1", mqttPort: port,
            caFile: ready.caFile)
        let api = OpenAPIClient(
            cloud: cloud, accessKey: AccessKey(id: bed.accessKeyID, secret: Secret(bed.accessKeySecret)),
            limiter: RateLimiter(perSecond: 50, burst: 50))
        let floor = ReconcileFloor(bed: bed, api: api, cloud: cloud, admin: try CloudAdmin(ready))
        do {
            let value = try await body(floor)
            await api.shutdown()
            return value
        } catch {
            await api.shutdown()
            throw error
        }
    }

    private var secret: Secret { Secret(bed.productSecret) }

    /// Registers a name that the station does not know, and connects under it.
    func leak(_ name: String) async throws {
        _ = try await api.registerDevice(productKey: bed.productKey, deviceName: name)
        try await connect(name)
    }

    /// Connects once under a name that is registered.
    func connect(_ name: String) async throws {
        let secret = try await register(name)
        try await DeviceConnection(cloud: cloud, productKey: bed.productKey, deviceName: name)
            .withSession(deviceSecret: secret) { _ in }
    }

    /// Registers a name over HTTPS, which makes its last DeviceSecret void.
    @discardableResult
    func register(_ name: String) async throws -> Secret {
        try await DynamicRegistration(cloud: cloud).overHTTPS(
            productKey: bed.productKey, deviceName: name, productSecret: secret)
    }

    /// Registers without pre-registration: one more ClientID.
    func registerAgain(_ name: String) async throws {
        _ = try await DynamicRegistration(cloud: cloud).overMQTTWithoutPreregistration(
            productKey: bed.productKey, deviceName: name, productSecret: secret)
    }

    func device(_ name: String) async throws -> DeviceReading? {
        try await api.queryDeviceDetail(productKey: bed.productKey, deviceName: name)
    }

    // MARK: - The station's side

    /// What a reconciliation printed.
    struct Found {
        let code: Int32?
        /// The class of each name.
        let classes: [String: String]
        let result: JSONValue
        let trouble: String
    }

    /// Reconciles an order.
    func reconcile(_ order: String? = nil, packed: String? = nil) async throws -> Found {
        let ended = try await Program.station.run(
            ["reconcile", order ?? bed.order, "--format", "json", "--config", bed.configuration]
                + (packed.map { ["--packed", $0] } ?? []))
        let value = (try? JSONValue(parsing: ended.output)) ?? .null
        if IndependentCheck.python != nil, let number = value["result"]["reconciliation"].int {
            let checked = try await IndependentCheck.rows(bed.data, order: order ?? bed.order, number: number)
            #expect(checked.isSuccess, "\(checked.output)")
        }
        let rows = (value["rows"].array ?? []).map { ($0["device_name"].string ?? "?", $0["class"].string ?? "?") }
        return Found(
            code: ended.code, classes: Dictionary(rows) { first, _ in first }, result: value["result"],
            trouble: ended.error)
    }

    /// Has the rows of a class acted on.
    func act(_ rowClass: String, order: String? = nil, _ more: [String] = []) async throws -> Program.Ended {
        try await Program.station.run(
            [
                "reconcile", "act", order ?? bed.order, "--class", rowClass, "--reason", "test", "--config",
                bed.configuration,
            ] + more)
    }
}

import AliyunIoT
import MQTT
import Provisioning

@testable import Simulation

/// A stand-in with what every call needs: devices, ClientIDs, batches.
struct FaultBed: Sendable {
    private static let product = RunningCloud.productKey

    let cloud: RunningCloud
    /// IotIds by name.
    private let ids: [String: String]
    let clients: [AliyunIoT.ClientCredential]
    /// A device's own credentials.
    let secret: Secret
    let token: AliyunIoT.ClientCredential
    /// A batch that has been checked, and one that is done.
    let apply, doneApply: Int64
    /// Time for a call with its repetitions.
    var within: Duration

    /// Makes everything ready.
    init(_ cloud: RunningCloud, within: Duration) async throws {
        let client = try Client(cloud.cloud(), deadline: .seconds(30))
        do {
            try await self.init(cloud, client, within: within)
        } catch {
            await client.api.shutdown()
            throw error
        }
        await client.api.shutdown()
    }

    private init(_ cloud: RunningCloud, _ client: Client, within: Duration) async throws {
        self.cloud = cloud
        self.within = within
        let (api, registration) = (client.api, client.registration)
        var ids: [String: String] = [:]
        for name in ["detail", "reset", "delete", "disable", "enable", "https", "mqtt", "secret"] {
            ids[name] = try await api.registerDevice(productKey: Self.product, deviceName: name).iotID
        }
        try await api.disableThing(iotID: ids["enable"] ?? "")
        secret = try await registration.overHTTPS(
            productKey: Self.product, deviceName: "secret", productSecret: RunningCloud.productSecret)
        func issue(_ name: String) async throws -> AliyunIoT.ClientCredential {
            try await registration.overMQTTWithoutPreregistration(
                productKey: Self.product, deviceName: name, productSecret: RunningCloud.productSecret)
        }
        clients = [try await issue("clients"), try await issue("clients")]
        token = try await issue("token")
        _ = try await issue("clear")
        for name in ["clients", "clear"] {
            ids[name] = try await api.queryDeviceDetail(productKey: Self.product, deviceName: name)?.iotID
        }
        self.ids = ids
        func checked(_ name: String) async throws -> Int64 {
            let id = try await api.batchCheckDeviceNames(productKey: Self.product, deviceNames: [name]).applyID ?? 0
            try await reach(.checkSuccess, id)
            return id
        }
        func reach(_ phase: BatchStatus.Phase, _ id: Int64) async throws {
            _ = try await cloud.eventually {
                try await api.batchRegisterStatus(productKey: Self.product, applyID: id).phase == phase
            }
        }
        (apply, doneApply) = (try await checked("batch-1"), try await checked("batch-2"))
        _ = try await api.batchRegisterDevices(productKey: Self.product, applyID: doneApply)
        try await reach(.createSuccess, doneApply)
    }

    func id(_ name: String) -> String { ids[name] ?? "" }

    /// The station's and the boards' ways to a cloud, with one deadline.
    final class Client: Sendable {
        let cloud: Cloud
        let deadline: Duration
        let api: OpenAPIClient
        let registration: DynamicRegistration

        init(_ cloud: Cloud, deadline: Duration) {
            (self.cloud, self.deadline) = (cloud, deadline)
            api = OpenAPIClient(
                cloud: cloud, accessKey: AccessKey(id: RunningCloud.accessKeyID, secret: RunningCloud.accessKeySecret),
                limiter: RateLimiter(perSecond: 1000, burst: 1000), deadline: deadline)
            registration = DynamicRegistration(cloud: cloud, deadline: deadline, pushDeadline: deadline)
        }

        func connection(_ name: String) -> DeviceConnection {
            DeviceConnection(cloud: cloud, productKey: FaultBed.product, deviceName: name)
        }
    }

    /// Makes every call there is, all at once and each over connections of its own.
    /// - Returns: how each ended; nil = as it should.
    func endings(
        of calls: [FaultyCall], over cloud: Cloud, deadline: Duration
    ) async -> [(call: FaultyCall, ending: Ending?)] {
        await withTaskGroup(of: (FaultyCall, Ending?).self) { group in
            for call in calls {
                group.addTask {
                    let client = Client(cloud, deadline: deadline)
                    var ending: Ending?
                    do {
                        try await call.perform(self, client)
                    } catch {
                        ending = Ending(error)
                    }
                    await client.api.shutdown()
                    return (call, ending)
                }
            }
            var found: [(call: FaultyCall, ending: Ending?)] = []
            for await (call, ending) in group { found.append((call, ending)) }
            return found
        }
    }

    /// How a call ended that did not end as it should.
    struct Ending: Sendable, CustomStringConvertible {
        let error: String
        /// Whether it is told as trouble of the cloud or of the way to it, never as a verdict on a board or its product.
        let isTrouble: Bool
        /// Whether it is told that nothing was carried out.
        let hadNoEffect: Bool

        init(_ error: any Error) {
            self.error = "\(error)"
            switch error {
            case let error as CloudError:
                isTrouble =
                    [.throttled, .outage, .timeout, .unreachable, .tls].contains(error.code)
                    || (error.code == .unexpected && error.remoteCode == nil)
                hadNoEffect = error.hadNoEffect
            case let error as RegistrationError:
                isTrouble = error.isCloudTrouble || [.tls, .unexpected].contains(error.code)
                hadNoEffect = [.unreachable, .tls].contains(error.code)
            case let error as ConnectionError:
                isTrouble = [.timeout, .closed, .unreachable, .tls, .protocolViolation, .refused(3)].contains(
                    error.code)
                hadNoEffect = [.unreachable, .tls].contains(error.code)
            default: (isTrouble, hadNoEffect) = (false, false)
            }
        }

        var description: String { error + (hadNoEffect ? " (no effect)" : "") }
    }
}

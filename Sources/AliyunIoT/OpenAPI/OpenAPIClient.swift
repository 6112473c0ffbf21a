import Foundation
public import Provisioning

/// The platform's OpenAPI (product `Iot`, version 2018-01-20), signed as ``Cloud/signature`` says.
///
/// Every call is a POST with its parameters in the query (long lists of names in a form body), as the vendor's SDK sends
/// it; takes its turn at the rate
/// limiter; has one deadline over connection, head and body; and is repeated with growing, random waits within the time
/// its caller gives it when the cloud is in trouble. A DeviceSecret in an answer leaves the client as a keyed digest
/// alone. Usable from any task; one HTTP client is shared by all calls until ``shutdown()``.
public final class OpenAPIClient: Sendable {
    private let signer: @Sendable () throws -> OpenAPISigner
    private let limiter: RateLimiter
    private let deadline: Duration
    private let http: HTTPCaller
    let secretDigest: @Sendable (Secret) -> String?

    /// - Parameters:
    ///   - limiter: the station's share of the account's calls; one for all clients of the account.
    ///   - deadline: of one attempt.
    ///   - secretDigest: a keyed digest of a DeviceSecret, by which readings can be compared; nil = none is taken.
    public convenience init(
        cloud: Cloud, accessKey: AccessKey, limiter: RateLimiter, deadline: Duration = .seconds(10),
        secretDigest: @escaping @Sendable (Secret) -> String? = { _ in nil }
    ) {
        self.init(
            cloud: cloud, unsealing: { accessKey }, limiter: limiter, deadline: deadline, secretDigest: secretDigest)
    }

    /// - Parameter unsealing: the AccessKey, asked for at each signing and kept no longer than that.
    public init(
        cloud: Cloud, unsealing accessKey: @escaping @Sendable () throws -> AccessKey, limiter: RateLimiter,
        deadline: Duration = .seconds(10),
        secretDigest: @escaping @Sendable (Secret) -> String? = { _ in nil }
    ) {
        self.secretDigest = secretDigest
        signer = { OpenAPISigner(cloud: cloud, accessKey: try accessKey()) }
        self.limiter = limiter
        self.deadline = deadline
        http = HTTPCaller(caFile: cloud.caFile, connectTimeout: min(deadline, .seconds(5)))
    }

    /// Closes the connections. No call may follow.
    public func shutdown() async { await http.shutdown() }

    /// Creates a device.
    ///
    /// Not idempotent: it is repeated by itself only where the first attempt surely had no effect. After `.timeout` and
    /// `.outage` the device may exist: look with ``queryDeviceDetail(productKey:deviceName:priority:within:)`` first.
    /// - Parameter within: time for all attempts together, the wait for the station's share included.
    /// - Throws: ``CloudError``; `.alreadyExists` if the name is taken. `CancellationError`.
    public func registerDevice(
        productKey: String, deviceName: String, priority: RateLimiter.Priority = .running,
        within: Duration = .seconds(30)
    ) async throws -> RegisteredDevice {
        let answer: Answer<RegisterDeviceData> = try await call(
            OpenAPICall(
                "RegisterDevice", [("ProductKey", productKey), ("DeviceName", deviceName)], isRepeatable: false),
            priority: priority, within: within)
        guard let iotID = answer.content.iotID else {
            throw CloudError(
                .unexpected, "RegisterDevice succeeded without an IotId.", requestID: answer.requestID)
        }
        return RegisteredDevice(
            iotID: iotID, deviceName: answer.content.deviceName ?? deviceName, requestID: answer.requestID,
            cloudDate: answer.cloudDate)
    }

    /// The device's record, or nil if the cloud says there is none.
    ///
    /// - Throws: ``CloudError``, `CancellationError`.
    public func queryDeviceDetail(
        productKey: String, deviceName: String, priority: RateLimiter.Priority = .running,
        within: Duration = .seconds(30)
    ) async throws -> DeviceReading? {
        let address = DeviceAddress.name(productKey: productKey, deviceName: deviceName)
        return try await lookUpDevice(address, priority: priority, within: within).reading
    }

    /// The record of the device with this IotId, or nil if the cloud says there is none.
    ///
    /// - Throws: ``CloudError``, `CancellationError`.
    public func queryDeviceDetail(
        iotID: String, priority: RateLimiter.Priority = .running, within: Duration = .seconds(30)
    ) async throws -> DeviceReading? {
        try await lookUpDevice(.iotID(iotID), priority: priority, within: within).reading
    }

    /// Like ``queryDeviceDetail(productKey:deviceName:priority:within:)``, with the request id also of a "not there".
    ///
    /// - Throws: ``CloudError``, `CancellationError`.
    public func lookUpDevice(
        _ address: DeviceAddress, priority: RateLimiter.Priority = .running, within: Duration = .seconds(30)
    ) async throws -> DeviceLookup {
        let answer: Answer<DeviceDetailData>
        do {
            answer = try await call(
                OpenAPICall("QueryDeviceDetail", address.parameters, isRepeatable: true), priority: priority,
                within: within)
        } catch let error as CloudError where error.remoteCode == "iot.device.NotExistedDevice" {
            return DeviceLookup(reading: nil, requestID: error.requestID ?? "", cloudDate: error.cloudDate)
        }
        let reading = reading(answer.content, requestID: answer.requestID, cloudDate: answer.cloudDate)
        return DeviceLookup(reading: reading, requestID: answer.requestID, cloudDate: answer.cloudDate)
    }

    /// The device's state alone.
    ///
    /// - Throws: ``CloudError``; `.notFound` if there is no such device. `CancellationError`.
    public func getDeviceStatus(
        productKey: String, deviceName: String, priority: RateLimiter.Priority = .running,
        within: Duration = .seconds(30)
    ) async throws -> DeviceStatus {
        let address = DeviceAddress.name(productKey: productKey, deviceName: deviceName)
        let answer: Answer<DeviceStatusData> = try await call(
            OpenAPICall("GetDeviceStatus", address.parameters, isRepeatable: true), priority: priority, within: within)
        return DeviceStatus(
            state: answer.content.status.flatMap(DeviceState.init), timestamp: answer.content.timestamp,
            requestID: answer.requestID)
    }

    /// The product's record.
    ///
    /// - Throws: ``CloudError``; `.notFound` if there is no such product. `CancellationError`.
    public func queryProduct(
        productKey: String, priority: RateLimiter.Priority = .workflow, within: Duration = .seconds(30)
    ) async throws -> ProductDetail {
        let answer: Answer<ProductData> = try await call(
            OpenAPICall("QueryProduct", [("ProductKey", productKey)], isRepeatable: true), priority: priority,
            within: within)
        let data = answer.content
        return ProductDetail(
            productKey: data.productKey ?? productKey, productName: data.productName,
            productStatus: data.productStatus, authType: data.authType, nodeType: data.nodeType,
            deviceCount: data.deviceCount, requestID: answer.requestID, cloudDate: answer.cloudDate)
    }

    // MARK: - One call

    func call<Content>(
        _ call: OpenAPICall, priority: RateLimiter.Priority, within: Duration
    ) async throws -> Answer<Content> {
        let end = ContinuousClock.now + within
        var backOff = BackOff(isRepeatable: call.isRepeatable)
        while true {
            do {
                return try await attempt(call, priority, until: end)
            } catch let error as CloudError {
                switch backOff.decide(after: error, remaining: end - .now) {
                case .wait(let wait): try await Task.sleep(for: wait)
                case .giveUp: throw error
                }
            }
        }
    }

    private func attempt<Content>(
        _ call: OpenAPICall, _ priority: RateLimiter.Priority, until end: ContinuousClock.Instant
    ) async throws -> Answer<Content> {
        do {
            try await withDeadline(end - .now) { [limiter] in try await limiter.acquire(priority) }
        } catch is DeadlinePassed {
            throw CloudError(
                .throttled, "This station's share of the account's calls was not free in time; nothing was sent.")
        }
        let remaining = end - .now
        guard remaining > .zero else {
            throw CloudError(.throttled, "No time was left when this station's share came free; nothing was sent.")
        }
        let request: SignedRequest
        do { request = try signer().sign(call) } catch {
            throw CloudError(.credentials, "The AccessKey's secret cannot be unsealed, nothing was sent: \(error)")
        }
        let reply = try await http.post(
            request.url, form: request.form, headers: request.headers, maximumAnswer: call.maximumAnswer,
            deadline: min(deadline, remaining))
        return try Answer(reply, at: call.place)
    }
}

extension DeviceAddress {
    /// `IotId` wins over the pair in every call, so only one form is sent.
    var parameters: [(String, String)] {
        switch self {
        case .iotID(let id): [("IotId", id)]
        case .name(let productKey, let deviceName): [("ProductKey", productKey), ("DeviceName", deviceName)]
        }
    }
}

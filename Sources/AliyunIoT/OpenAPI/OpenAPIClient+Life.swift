import Provisioning

/// The cloud's receipt for a change.
public struct CallReceipt: Sendable, Equatable {
    public let requestID: String
    /// The answer's HTTP `Date` header.
    public let cloudDate: String?

    public init(requestID: String, cloudDate: String? = nil) {
        self.requestID = requestID
        self.cloudDate = cloudDate
    }
}

/// Changing one device.
///
/// Always by IotId: a name may meanwhile belong to another device. Never made again by itself where the first attempt
/// may have had an effect: after `.timeout`, `.outage` and `.unexpected` look with
/// ``queryDeviceDetail(iotID:priority:within:)`` first.
extension OpenAPIClient {
    /// Opens a device for dynamic registration again (ResetThing). Its state stays what it was, it does not go back to
    /// UNACTIVE.
    ///
    /// - Throws: ``CloudError``, `CancellationError`.
    @discardableResult
    public func resetThing(
        iotID: String, priority: RateLimiter.Priority = .workflow, within: Duration = .seconds(30)
    ) async throws -> CallReceipt {
        try await change("ResetThing", iotID, priority: priority, within: within)
    }

    /// Deletes a device, for ever; a device created later under its name has another IotId.
    ///
    /// - Throws: ``CloudError``, `CancellationError`.
    @discardableResult
    public func deleteDevice(
        iotID: String, priority: RateLimiter.Priority = .workflow, within: Duration = .seconds(30)
    ) async throws -> CallReceipt {
        try await change("DeleteDevice", iotID, priority: priority, within: within)
    }

    /// Forbids a device to connect.
    ///
    /// - Throws: ``CloudError``, `CancellationError`.
    @discardableResult
    public func disableThing(
        iotID: String, priority: RateLimiter.Priority = .workflow, within: Duration = .seconds(30)
    ) async throws -> CallReceipt {
        try await change("DisableThing", iotID, priority: priority, within: within)
    }

    /// Takes back ``disableThing(iotID:priority:within:)``.
    ///
    /// - Throws: ``CloudError``, `CancellationError`.
    @discardableResult
    public func enableThing(
        iotID: String, priority: RateLimiter.Priority = .workflow, within: Duration = .seconds(30)
    ) async throws -> CallReceipt {
        try await change("EnableThing", iotID, priority: priority, within: within)
    }

    func change(
        _ action: String, _ iotID: String, _ more: [(String, String)] = [], priority: RateLimiter.Priority,
        within: Duration
    ) async throws -> CallReceipt {
        guard !iotID.isEmpty else {
            throw CloudError(.input, "\(action) was given no IotId; nothing was sent.")
        }
        let answer: Answer<EnvelopeOnly> = try await call(
            OpenAPICall(action, [("IotId", iotID)] + more, isRepeatable: false, place: .top), priority: priority,
            within: within)
        return CallReceipt(requestID: answer.requestID, cloudDate: answer.cloudDate)
    }
}

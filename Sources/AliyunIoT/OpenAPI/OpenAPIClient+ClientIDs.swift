import Provisioning

/// A ClientID handed out under a DeviceName without pre-registration.
public struct IssuedClientID: Sendable, Equatable, Decodable {
    public let clientID: String
    /// Milliseconds since 1970 by the cloud's clock; nil if not told.
    public let createdAt: Int64?

    public init(clientID: String, createdAt: Int64?) {
        self.clientID = clientID
        self.createdAt = createdAt
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: WireKey.self)
        clientID = try fields.decode(String.self, forKey: WireKey("ClientId"))
        createdAt = fields.number("CreateTime")
    }
}

/// Data of QueryClientIds: a plain list in the SDK, one more wrapper in the documentation.
struct ClientIDData: Decodable, Sendable {
    let clientIDs: [IssuedClientID]

    init(from decoder: any Decoder) throws {
        clientIDs = try decoder.container(keyedBy: WireKey.self).elements(
            "DynamicRegClientIds", in: "DynamicRegClientIds")
    }
}

/// ClientIDs of a device without pre-registration: at most 5 under one DeviceName.
extension OpenAPIClient {
    /// The ClientIDs handed out for a device (QueryClientIds).
    ///
    /// - Throws: ``CloudError``, `CancellationError`.
    public func queryClientIDs(
        iotID: String, priority: RateLimiter.Priority = .workflow, within: Duration = .seconds(30)
    ) async throws -> [IssuedClientID] {
        let answer: Answer<ClientIDData> = try await call(
            OpenAPICall("QueryClientIds", [("IotId", iotID)], isRepeatable: true), priority: priority, within: within)
        return answer.content.clientIDs
    }

    /// Keeps one ClientID and makes the others void (TransformClientId; *switch* in the platform's console).
    ///
    /// Not made again by itself; after a lost reply look with ``queryClientIDs(iotID:priority:within:)``.
    /// - Throws: ``CloudError``, `CancellationError`.
    @discardableResult
    public func transformClientID(
        iotID: String, keeping clientID: String, priority: RateLimiter.Priority = .workflow,
        within: Duration = .seconds(30)
    ) async throws -> CallReceipt {
        try await change("TransformClientId", iotID, [("ClientId", clientID)], priority: priority, within: within)
    }

    /// Makes all ClientIDs of a device void, for ever (DeleteClientIds; *clear* in the platform's console).
    ///
    /// Not made again by itself; after a lost reply look with ``queryClientIDs(iotID:priority:within:)``.
    /// - Throws: ``CloudError``, `CancellationError`.
    @discardableResult
    public func deleteClientIDs(
        iotID: String, priority: RateLimiter.Priority = .workflow, within: Duration = .seconds(30)
    ) async throws -> CallReceipt {
        try await change("DeleteClientIds", iotID, priority: priority, within: within)
    }
}

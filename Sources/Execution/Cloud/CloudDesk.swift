public import AliyunIoT
public import Provisioning

/// Everything the line needs of the cloud, in one place: where it is, the OpenAPI clients, the probe, and where the
/// product credential comes from.
public struct CloudDesk: Sendable {
    public let cloud: Cloud
    public let api: OpenAPIClient
    /// Calls under the second AccessKey: reset, delete, disable, ClientIDs. nil = none is configured or sealed.
    public let workflowAPI: OpenAPIClient?
    /// Whether a leader or an engineer is signed in; a leader's workflows use the second key only then.
    public let leaderIsSignedIn: @Sendable () -> Bool
    public let probe: CredentialProbe
    /// The ProductSecret of a product, unsealed for the moment of its use; nil when none is sealed.
    public let productSecret: @Sendable (_ productKey: String) throws -> Secret?
    /// The 64 bytes of a board profile's NVS encryption keys; nil when none are sealed.
    public let nvsKeys: @Sendable (_ profile: String) throws -> Secret?
    /// The station's own key, against copies of it; nil = copies are not looked for in the cloud.
    public let stationSigner: StationSigner?
    /// Keyed digest of a DeviceSecret; nil where it cannot be taken.
    public let secretDigest: @Sendable (Secret) -> String?

    public init(
        cloud: Cloud, api: OpenAPIClient, workflowAPI: OpenAPIClient? = nil,
        leaderIsSignedIn: @escaping @Sendable () -> Bool = { true },
        productSecret: @escaping @Sendable (String) throws -> Secret?,
        nvsKeys: @escaping @Sendable (String) throws -> Secret? = { _ in nil },
        stationSigner: StationSigner? = nil, secretDigest: @escaping @Sendable (Secret) -> String? = { _ in nil }
    ) {
        (self.cloud, self.api, self.workflowAPI) = (cloud, api, workflowAPI)
        (self.productSecret, self.nvsKeys, self.secretDigest) = (productSecret, nvsKeys, secretDigest)
        (self.stationSigner, self.leaderIsSignedIn) = (stationSigner, leaderIsSignedIn)
        probe = CredentialProbe(cloud: cloud)
    }
}

extension CloudDesk {
    static let noLeader =
        "the second AccessKey works only while a leader or an engineer is signed in: start the station, sign in at its "
        + "page, and ask again"
    static let noLeaderZh = "第二把 AccessKey 只在线长或工程师登录时可用：启动本站，在页面登录后再试"
}

extension CloudError {
    /// The failure this trouble ends a run with, or nil when it is the cloud's own trouble and worth waiting out.
    func failure(waitingAs code: FailureCode) -> Failure? {
        switch self.code {
        // An answer that fits nothing documented is the cloud's or a proxy's trouble, not the board's.
        case .throttled, .outage, .timeout, .unreachable, .tls, .clock, .unexpected: nil
        case .credentials, .permission: Failure(.accessRefused, description)
        case .quota: Failure(.cloudQuota, description)
        case .notFound where remoteCode?.hasPrefix("iot.device.") == true: Failure(.deletedInCloud, description)
        case .notFound: Failure(.productUnknown, description)
        case .alreadyExists: Failure(.nameExists, description)
        case .input: Failure(.registerRefused, description)
        }
    }
}

extension DeviceReading {
    /// As the journal and `--json` print it; `not there` is null elsewhere.
    var json: JSONValue {
        [
            "state": .init(state?.rawValue), "iot_id": .string(iotID), "created_at": .init(createdAt),
            "activated_at": .init(activatedAt), "online_at": .init(onlineAt),
            "firmware_version": .init(firmwareVersion), "secret_digest": .init(secretDigest),
            "request_id": .string(requestID), "cloud_date": .init(cloudDate),
        ]
    }
}

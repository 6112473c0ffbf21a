import AliyunIoT
import Crypto
import Execution
import Provisioning
import Vault

/// The station's way into the cloud, put together from its configuration and its sealed secrets: for the daemon, and for
/// a command that is carried out without one.
struct CloudConnection: Sendable {
    let desk: CloudDesk

    /// - Throws: ``StationComposition/CompositionError`` when the AccessKey's secret is not sealed, and what
    ///   configuration and vault say is wrong.
    /// - Parameter leaderIsSignedIn: whether a leader or an engineer is at the page.
    init(
        _ configuration: StationConfiguration, vault: Vault, leaderIsSignedIn: @escaping @Sendable () -> Bool
    ) throws {
        let cloud = try StationComposition.cloud(configuration)
        let settings = configuration.cloud
        guard try vault.secret(SecretName(.accessKey, settings.accessKeyID)) != nil else {
            throw StationComposition.CompositionError(
                description: "the vault holds no secret of AccessKey \(settings.accessKeyID); seal it with "
                    + "`station secret set access-key/\(settings.accessKeyID)`")
        }
        // One share of the account's calls for both keys: the account is one.
        let limiter = RateLimiter(perSecond: Double(settings.qpsShare), burst: settings.qpsShare)
        let digest: @Sendable (Secret) -> String? = { try? vault.keyedDigest(of: $0, context: "device-secret") }
        // Unsealed for each signature: neither secret stays in memory.
        func client(_ id: String) -> OpenAPIClient {
            OpenAPIClient(
                cloud: cloud,
                unsealing: {
                    guard let secret = try vault.secret(SecretName(.accessKey, id)) else {
                        throw StationComposition.CompositionError(
                            description: "the vault holds no secret of AccessKey \(id)")
                    }
                    return AccessKey(id: id, secret: secret)
                }, limiter: limiter, secretDigest: digest)
        }
        let second = try settings.workflowAccessKeyID.flatMap { id in
            try vault.secret(SecretName(.accessKey, id)).map { _ in client(id) }
        }
        desk = CloudDesk(
            cloud: cloud, api: client(settings.accessKeyID), workflowAPI: second,
            leaderIsSignedIn: leaderIsSignedIn,
            productSecret: { try vault.secret(SecretName(.product, $0)) },
            nvsKeys: { try vault.secret(SecretName(.nvsKeys, $0)) }, stationSigner: try StationSigner(vault),
            secretDigest: digest)
    }

    /// Closes the connections.
    func shutdown() async {
        await desk.api.shutdown()
        await desk.workflowAPI?.shutdown()
    }
}

extension StationSigner {
    /// The station's own key, sealed in the vault and unsealed for each signature.
    fileprivate init(_ vault: Vault) throws {
        let key = try vault.signingPublicKey(.station)
        self.init(
            fingerprint: SHA256.hash(data: key.bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(),
            sign: { try vault.sign($0, with: .station) }, verify: { key.verifies($0, of: $1) })
    }
}

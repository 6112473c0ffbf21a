import AliyunIoT
import Execution
import Provisioning
import Vault

/// The station's way into the cloud, put together from its configuration and its sealed secrets: for the daemon, and for
/// a command that is carried out without one.
struct CloudConnection: Sendable {
    let desk: CloudDesk

    /// - Throws: ``StationComposition/CompositionError`` when the AccessKey's secret is not sealed, and what
    ///   configuration and vault say is wrong.
    init(_ configuration: StationConfiguration, vault: Vault) throws {
        let cloud = try StationComposition.cloud(configuration)
        let settings = configuration.cloud
        guard let secret = try vault.secret(SecretName(.accessKey, settings.accessKeyID)) else {
            throw StationComposition.CompositionError(
                description: "the vault holds no secret of AccessKey \(settings.accessKeyID); seal it with "
                    + "`station secret set access-key/\(settings.accessKeyID)`")
        }
        // One share of the account's calls for both keys: the account is one.
        let limiter = RateLimiter(perSecond: Double(settings.qpsShare), burst: settings.qpsShare)
        let digest: @Sendable (Secret) -> String? = { try? vault.keyedDigest(of: $0, context: "device-secret") }
        func client(_ id: String, _ secret: Secret) -> OpenAPIClient {
            OpenAPIClient(
                cloud: cloud, accessKey: AccessKey(id: id, secret: secret), limiter: limiter, secretDigest: digest)
        }
        let second = try settings.workflowAccessKeyID.flatMap { id in
            try vault.secret(SecretName(.accessKey, id)).map { client(id, $0) }
        }
        desk = CloudDesk(
            cloud: cloud, api: client(settings.accessKeyID, secret), workflowAPI: second,
            productSecret: { try vault.secret(SecretName(.product, $0)) },
            nvsKeys: { try vault.secret(SecretName(.nvsKeys, $0)) }, secretDigest: digest)
    }

    /// Closes the connections.
    func shutdown() async {
        await desk.api.shutdown()
        await desk.workflowAPI?.shutdown()
    }
}

import AliyunIoT
import Provisioning

extension StubServer {
    /// Runs `body` with a client of this server.
    func withClient<R: Sendable>(
        signature: Cloud.Signature = .rpcV1, deadline: Duration = .seconds(30),
        _ body: @escaping @Sendable (OpenAPIClient) async throws -> R
    ) async throws -> R {
        try await run { port in
            let cloud = try Cloud(
                openAPI: "http://127.0.0.1:\(port)", registration: nil, mqttHost: "127.0.0.1", mqttPort: 1,
                signature: signature)
            let client = OpenAPIClient(
                cloud: cloud, accessKey: AccessKey(id: "testid", secret: Secret("testsecret")),
                limiter: RateLimiter(perSecond: 1000, burst: 1000), deadline: deadline)
            do {
                let result = try await body(client)
                await client.shutdown()
                return result
            } catch {
                await client.shutdown()
                throw error
            }
        }
    }
}

extension StubAnswer {
    /// A successful answer whose fields stand beside the envelope's.
    static func top(_ fields: String) -> StubAnswer {
        .reply(200, #"{"RequestId":"R-1","Success":true,\#(fields)}"#)
    }
}

import Logging

/// Dynamic registration over HTTPS: `POST /auth/register/device` with a form body.
///
/// Every outcome is HTTP 200 with a number as `code`; only an outage answers otherwise. The C SDKs search the body for
/// `"code":` and read it into 256 bytes, hence the key order code, data, message, no blanks and short messages
/// (aliyun-sdk facts, §4).
struct RegistrationEndpoint: Sendable {
    static let path = "/auth/register/device"

    let state: CloudState
    let faults: FaultSwitches
    let calls: CallFaults
    let logger: Logger

    func answer(_ request: WebRequest) async -> WebAnswer {
        let fault = faults.drawWeb(canThrottle: false)
        try? await Task.sleep(for: faults.latency)
        if case .unavailable = fault { return Self.unavailable(request) }
        guard request.path == Self.path else {
            return WebAnswer(status: 404, ["code": .integer(404), "message": .string("not found")])
        }
        guard request.method == "POST" else {
            return WebAnswer(status: 405, ["code": .integer(405), "message": .string("POST is needed")])
        }
        let answer = await calls.answer(CallFaults.Other.registerHTTPS, host: request.host) { await register(request) }
        if case .lostReply = fault { return Self.unavailable(request) }
        return answer
    }

    private func register(_ request: WebRequest) async -> WebAnswer {
        let values = OpenAPIEndpoint.parameters(of: request)
        guard let productKey = values["productKey"], let deviceName = values["deviceName"],
            let random = values["random"], let sign = values["sign"], let method = values["signMethod"]
        else { return await refuse(.malformed, values) }
        let wanted = CloudState.RegistrationRequest(
            productKey: productKey, deviceName: deviceName, random: random, signMethod: method, signature: sign)
        do {
            let secret = try await state.register(wanted)
            try await state.commit()
            calls.carriedOut(CallFaults.Other.registerHTTPS)
            logger.info("https register of \(productKey)/\(deviceName): secret issued")
            return WebAnswer(
                status: 200,
                [
                    "code": .integer(200),
                    "data": [
                        "deviceName": .string(deviceName), "deviceSecret": .string(secret),
                        "productKey": .string(productKey),
                    ],
                    "message": .string("success"),
                ]
            )
        } catch let refusal as RegistrationRefusal {
            return await refuse(refusal, values)
        } catch {
            logger.error("https register not carried out: \(error)")
            return await refuse(.platform, values)
        }
    }

    private func refuse(_ refusal: RegistrationRefusal, _ values: OpenAPIParameters) async -> WebAnswer {
        await state.note(
            CloudRefusal(
                time: CloudTime.now(), channel: "https register",
                product: String((values["productKey"] ?? "").prefix(64)),
                device: String((values["deviceName"] ?? "").prefix(64)),
                reason: "\(refusal.rawValue) \(refusal.message)"
            )
        )
        return WebAnswer(
            status: 200, ["code": .integer(Int64(refusal.rawValue)), "message": .string(refusal.message)])
    }

    private static func unavailable(_ request: WebRequest) -> WebAnswer {
        GatewayError.unavailable.answer(requestID: RandomText.requestID(), host: request.host)
    }
}

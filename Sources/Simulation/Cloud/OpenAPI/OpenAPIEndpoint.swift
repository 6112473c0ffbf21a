import HTTPTypes
import Logging
import Provisioning

/// The platform's OpenAPI door: gateway checks, then the action, then the envelope.
///
/// A request with an `Authorization` header is signed by ACS3-HMAC-SHA256, any other by signature v1. Order of the
/// checks: method, action, version, mandatory common parameters, access key, time, signature, nonce, calls a second, the
/// action's mandatory parameters, the action itself. Only the last answers HTTP 200 for a refusal.
struct OpenAPIEndpoint: Sendable {
    static let version = "2018-01-20"

    let state: CloudState
    let faults: FaultSwitches
    let calls: CallFaults
    let ledger: CallLedger
    let accessKeys: [String: Secret]
    let limitsCalls: Bool
    let logger: Logger

    func answer(_ request: WebRequest) async -> WebAnswer {
        let requestID = RandomText.requestID()
        do throws(GatewayError) {
            let fault = faults.drawWeb(canThrottle: true)
            try? await Task.sleep(for: faults.latency)
            if case .unavailable = fault { throw GatewayError.unavailable }
            let call = try admit(request, throttled: fault == .throttled)
            let answer = await calls.answer(call.action.name, host: request.host) {
                await carryOut(call, requestID, host: request.host)
            }
            if case .lostReply = fault { throw GatewayError.unavailable }
            return answer
        } catch {
            return error.answer(requestID: requestID, host: request.host)
        }
    }

    private func carryOut(_ call: Call, _ requestID: String, host: String) async -> WebAnswer {
        do {
            let result = try await perform(call)
            try await state.commit()
            calls.carriedOut(call.action.name)
            for session in result.closed { session.close() }
            let envelope: [(String, CloudJSON)] = [
                ("RequestId", .string(requestID)), ("Success", .bool(true)), ("Code", .string(result.code)),
            ]
            return WebAnswer(status: 200, .object(envelope + result.members))
        } catch let error as BusinessError {
            return error.answer(requestID: requestID)
        } catch {
            logger.error("OpenAPI call not carried out: \(error)")
            return GatewayError.unavailable.answer(requestID: requestID, host: host)
        }
    }

    private struct Call: Sendable {
        let action: OpenAPIAction
        let parameters: OpenAPIParameters
    }

    private func perform(_ call: Call) async throws(BusinessError) -> OpenAPIResult {
        let result: Result<OpenAPIResult, BusinessError> = await state.perform(call.action, call.parameters)
        return try result.get()
    }

    /// The gateway's part: who calls, is it signed, is it fresh.
    private func admit(_ request: WebRequest, throttled: Bool) throws(GatewayError) -> Call {
        guard request.method == "POST" || request.method == "GET" else { throw .unsupportedMethod }
        guard request.path == "/" || request.path.isEmpty else { throw .unknownAction }
        let parameters = Self.parameters(of: request)
        let claim =
            if let header = request.headers[.authorization] {
                try SignedClaim(request, authorization: header)
            } else {
                try SignedClaim(request, parameters)
            }
        guard let action = OpenAPIAction.catalogue[claim.action] else { throw .unknownAction }
        guard claim.version == Self.version else { throw .invalidVersion }
        guard let secret = accessKeys[claim.accessKeyID] else { throw .unknownAccessKey }
        guard let time = CloudTime.parse(claim.time) else { throw .timeFormat }
        let now = CloudTime.now()
        guard abs(now - time) <= CallLedger.window else { throw .timeExpired }
        guard claim.isSigned(with: secret.revealed) else { throw .signature(claim.stringToSign) }
        guard ledger.admit(nonce: claim.nonce, accessKey: claim.accessKeyID, now: now) else { throw .nonceUsed }
        guard !throttled else { throw .throttledUser }
        guard !limitsCalls || isWithinLimits(action, parameters, now) else { throw .throttledAction }
        for parameter in action.required where parameters.values[parameter] == nil { throw .missing(parameter) }
        return Call(action: action, parameters: parameters)
    }

    private func isWithinLimits(_ action: OpenAPIAction, _ parameters: OpenAPIParameters, _ now: Int64) -> Bool {
        let page = (Int(parameters["CurrentPage"] ?? "") ?? 1, Int(parameters["PageSize"] ?? "") ?? 10)
        let (depth, isTooDeep) = page.0.multipliedReportingOverflow(by: page.1)
        let isDeep = action.name == "QueryDevice" && (isTooDeep || depth >= 100_000)
        return ledger.count(action: action, deep: isDeep, now: now)
    }

    /// Query and form body merged; where both have a name, the body's value counts.
    static func parameters(of request: WebRequest) -> OpenAPIParameters {
        var values: [String: String] = [:]
        for (name, value) in FormParameters.parse(request.query) { values[name] = value }
        let type = request.headers[.contentType]?.lowercased() ?? ""
        if !request.body.isEmpty, type.isEmpty || type.hasPrefix("application/x-www-form-urlencoded") {
            for (name, value) in FormParameters.parse(String(decoding: request.body, as: UTF8.self)) {
                values[name] = value
            }
        }
        return OpenAPIParameters(values: values)
    }
}

extension CloudState {
    /// Performs an action as one step of the state.
    func perform(_ action: OpenAPIAction, _ parameters: OpenAPIParameters) -> Result<OpenAPIResult, BusinessError> {
        do {
            return .success(try action.perform(self, parameters))
        } catch {
            return .failure(error)
        }
    }
}

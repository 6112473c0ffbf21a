/// A refusal by the platform's API gateway, before the product's own logic: HTTP 4xx or 5xx.
///
/// Source: "Error codes" of the API gateway; the messages are compared by SDKs and must be exact.
struct GatewayError: Error, Sendable {
    let status: Int
    let code: String
    let message: String

    static func missing(_ parameter: String) -> GatewayError {
        GatewayError(status: 400, code: "Missing\(parameter)", message: "\(parameter) is mandatory for this action.")
    }

    static let unknownAction = GatewayError(
        status: 404, code: "InvalidApi.NotFound",
        message: "Specified api is not found, please check your url and method.")
    static let unsupportedMethod = GatewayError(
        status: 405, code: "UnsupportedHTTPMethod", message: "This http method is not supported.")
    static let invalidVersion = GatewayError(
        status: 400, code: "InvalidVersion", message: "Specified parameter Version is not valid.")
    static let unknownAccessKey = GatewayError(
        status: 404, code: "InvalidAccessKeyId.NotFound", message: "Specified access key is not found.")
    static let signatureMethod = GatewayError(
        status: 400, code: "InvalidSignatureMethod", message: "Specified signature method is not valid.")
    static let timeFormat = GatewayError(
        status: 400, code: "InvalidTimeStamp.Format",
        message: "Specified time stamp or date value is not well formatted.")
    static let timeExpired = GatewayError(
        status: 400, code: "InvalidTimeStamp.Expired", message: "Specified time stamp or date value is expired.")
    static let nonceUsed = GatewayError(
        status: 400, code: "SignatureNonceUsed", message: "Specified signature nonce was used already.")
    static let throttledUser = GatewayError(
        status: 400, code: "Throttling.User", message: "Request was denied due to user flow control.")
    static let throttledAction = GatewayError(
        status: 400, code: "Throttling.Api", message: "Request was denied due to api flow control.")
    static let unavailable = GatewayError(
        status: 503, code: "ServiceUnavailable",
        message: "The request has failed due to a temporary failure of the server.")
    static let authorization = GatewayError(
        status: 400, code: "IncompleteSignature",
        message: "The request signature does not conform to Aliyun standards.")

    /// The old Python SDK splits this message at its only colon and compares what follows with its own text.
    static func signature(_ stringToSign: String) -> GatewayError {
        GatewayError(
            status: 400, code: "SignatureDoesNotMatch",
            message: "Specified signature is not matched with our calculation. "
                + "server string to sign is:\(stringToSign)")
    }

    func answer(requestID: String, host: String) -> WebAnswer {
        WebAnswer(
            status: status,
            [
                "RequestId": .string(requestID), "HostId": .string(host), "Code": .string(code),
                "Message": .string(message),
            ]
        )
    }
}

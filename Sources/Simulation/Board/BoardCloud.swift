package import AliyunIoT

/// Where a simulated board's firmware finds the cloud: over TLS always, with the stand-in's own CA.
public struct BoardCloud: Sendable {
    package let cloud: Cloud

    /// Takes the addresses out of a stand-in's ready file.
    /// - Throws: ``BoardError`` with code `input` where the stand-in has no MQTT over TLS or no OpenAPI.
    public init(_ ready: ReadyFile) throws(BoardError) {
        guard let endpoint = ready.mqttTLS, let colon = endpoint.lastIndex(of: ":"),
            let port = Int(endpoint[endpoint.index(after: colon)...]), let openAPI = ready.openapiTLS ?? ready.openapi
        else { throw BoardError(.input, "the cloud's ready file names no mqtt_tls HOST:PORT or no openapi") }
        do {
            cloud = try Cloud(
                openAPI: openAPI, registration: ready.registration, mqttHost: String(endpoint[..<colon]),
                mqttPort: port,
                caFile: ready.caFile)
        } catch {
            throw BoardError(.input, "the cloud's ready file cannot be used: \(error.sentence)")
        }
    }

    /// Reads the ready file that `station simulate cloud` writes.
    /// - Throws: ``BoardError`` with code `input`.
    public init(readyFile: String) throws(BoardError) {
        let ready: ReadyFile
        do {
            ready = try ReadyFile.read(from: readyFile)
        } catch {
            throw BoardError(.input, "the cloud's ready file \(readyFile) cannot be read: \(error)")
        }
        try self.init(ready)
    }
}

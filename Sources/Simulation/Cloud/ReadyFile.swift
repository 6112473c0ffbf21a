import Foundation

/// Where a running stand-in can be reached: the JSON that `station simulate cloud --ready-file` writes once all doors
/// are open. Every key is always there; a door that is shut is `null`.
public struct ReadyFile: Codable, Equatable, Sendable {
    /// OpenAPI over plain HTTP, a URL without a trailing slash.
    public var openapi: String?
    /// OpenAPI over HTTPS.
    public var openapiTLS: String?
    /// HTTPS dynamic registration, without its path.
    public var registration: String?
    /// The door by which the stand-in is driven, always on loopback.
    public var admin: String?
    /// MQTT over TLS, `host:port`.
    public var mqttTLS: String?
    /// MQTT over plain TCP, `host:port`.
    public var mqttTCP: String?
    /// Absolute path of the CA certificate (PEM) that all TLS doors chain to.
    public var caFile: String?

    enum CodingKeys: String, CodingKey {
        case openapi, registration, admin
        case openapiTLS = "openapi_tls"
        case mqttTLS = "mqtt_tls"
        case mqttTCP = "mqtt_tcp"
        case caFile = "ca_file"
    }

    public init(
        openapi: String? = nil, openapiTLS: String? = nil, registration: String? = nil, admin: String? = nil,
        mqttTLS: String? = nil, mqttTCP: String? = nil, caFile: String? = nil
    ) {
        (self.openapi, self.openapiTLS, self.registration, self.admin) = (openapi, openapiTLS, registration, admin)
        (self.mqttTLS, self.mqttTCP, self.caFile) = (mqttTLS, mqttTCP, caFile)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(openapi, forKey: .openapi)
        try container.encode(openapiTLS, forKey: .openapiTLS)
        try container.encode(registration, forKey: .registration)
        try container.encode(admin, forKey: .admin)
        try container.encode(mqttTLS, forKey: .mqttTLS)
        try container.encode(mqttTCP, forKey: .mqttTCP)
        try container.encode(caFile, forKey: .caFile)
    }

    /// Reads the ready file at `path`.
    public static func read(from path: String) throws -> ReadyFile {
        try JSONDecoder().decode(ReadyFile.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Writes the file so that it appears whole: a temporary file beside it, then a rename.
    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        var data = try encoder.encode(self)
        data.append(UInt8(ascii: "\n"))
        try PrivateFile.replace(path, with: Array(data), mode: 0o644)
    }
}

import Foundation
public import MQTT
import NIOCore

/// Where the cloud is and how to trust it: the real platform or a stand-in, told apart by nothing but these values.
public struct Cloud: Sendable, Equatable {
    /// OpenAPI endpoint, `https://iot.{region}.aliyuncs.com/`; its path is `/`.
    public let openAPI: String
    /// HTTPS registration, `https://iot-auth.{region}.aliyuncs.com/auth/register/device`; nil = not offered.
    public let registration: String?
    /// A host name, or a pattern in which `{PK}` stands for the ProductKey: see ``mqttHost(for:)``.
    public let mqttHost: String
    public let mqttPort: Int
    /// PEM file with the trusted authorities for HTTPS; nil = the system's store.
    public let caFile: String?
    /// PEM file with the trusted authorities for MQTT, whose ports may be signed by another authority; nil = the
    /// system's store.
    public let mqttCAFile: String?
    /// `cn-shanghai` for instance; sent with every OpenAPI call.
    public let regionID: String
    /// Of an enterprise or new public instance; nil for an old public one.
    public let instanceID: String?
    /// `securemode` of a registration over MQTT: 2, or -2 where the instance asks for it.
    public let secureMode: Int
    /// How OpenAPI calls are signed.
    public let signature: Signature

    /// The platform's two schemes; its gateway takes both, look-alikes may know one.
    public enum Signature: String, Sendable, CaseIterable {
        /// HMAC-SHA1 over all parameters (``RPCSignature``).
        case rpcV1 = "rpc-v1"
        /// `ACS3-HMAC-SHA256` (``ACS3Signature``).
        case acs3
    }

    /// - Parameters:
    ///   - registration: with or without the path `/auth/register/device`, which is added where there is none.
    ///   - mqttCAFile: nil = the same as `caFile`.
    /// - Throws: ``CloudError`` with code `.input` for a URL without host, with user or query, or with plain `http` to
    ///   anything but this machine; for an MQTT host or port that cannot be one.
    public init(
        openAPI: String, registration: String?, mqttHost: String, mqttPort: Int, caFile: String? = nil,
        regionID: String = "cn-shanghai", instanceID: String? = nil, secureMode: Int = 2,
        mqttCAFile: String? = nil, signature: Signature = .rpcV1
    ) throws(CloudError) {
        self.openAPI = try Self.endpoint(openAPI, named: "OpenAPI", path: "/")
        if let registration {
            let path = "/auth/register/device"
            self.registration = try Self.endpoint(registration, named: "registration", path: path)
        } else {
            self.registration = nil
        }
        guard Self.isHost(mqttHost), (1...65_535).contains(mqttPort) else {
            throw CloudError(
                .input, "MQTT address \"\(mqttHost):\(mqttPort)\": expected a host name and a port from 1 to 65535.")
        }
        guard secureMode == 2 || secureMode == -2 else {
            throw CloudError(.input, "securemode \(secureMode): expected 2 or -2, which both mean TLS.")
        }
        self.mqttHost = mqttHost
        self.mqttPort = mqttPort
        self.caFile = caFile
        self.regionID = regionID
        self.instanceID = instanceID
        self.secureMode = secureMode
        self.mqttCAFile = mqttCAFile ?? caFile
        self.signature = signature
    }

    /// The MQTT host of one product: an old public instance has one for each (`{PK}.iot-as-mqtt.{region}…`).
    ///
    /// - Throws: ``MQTT/ConnectionError`` with code `.invalid` if the ProductKey cannot stand in a host name.
    public func mqttHost(for productKey: String) throws(ConnectionError) -> String {
        guard mqttHost.contains(Self.productKeyMark) else { return mqttHost }
        let isLabel = productKey.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        guard isLabel, (1...63).contains(productKey.count) else {
            throw ConnectionError(
                .invalid,
                "ProductKey \"\(productKey)\" cannot stand in a host name: expected 1 to 63 letters and digits.")
        }
        return mqttHost.replacing(Self.productKeyMark, with: productKey)
    }

    /// Stands for the ProductKey in an MQTT host.
    public static let productKeyMark = "{PK}"

    /// Host and, where it is not the scheme's own, port of ``openAPI``: what the `Host` header says.
    var openAPIAuthority: String {
        guard let parts = URLComponents(string: openAPI), let host = parts.host else { return "" }
        let standard = parts.scheme?.lowercased() == "http" ? 80 : 443
        return parts.port.map { $0 == standard ? host : "\(host):\($0)" } ?? host
    }

    var openAPIPath: String { URLComponents(string: openAPI)?.percentEncodedPath ?? "/" }

    static func isHost(_ text: String) -> Bool {
        !text.isEmpty && !text.replacing(productKeyMark, with: "").contains { "/ @{}|,".contains($0) }
    }

    /// Reads the trust roots for MQTT.
    ///
    /// - Throws: ``MQTT/ConnectionError`` with code `.tls` if the file cannot be read.
    func tls() throws(ConnectionError) -> TLSClient { try TLSClient(caFile: mqttCAFile) }

    static func endpoint(_ text: String, named name: String, path: String) throws(CloudError) -> String {
        guard var parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil
        else {
            throw CloudError(.input, "\(name) address \"\(text)\": expected https://host[:port] and nothing secret.")
        }
        switch parts.scheme?.lowercased() {
        case "https": break
        case "http" where isLoopback(host): break
        default:
            throw CloudError(
                .input, "\(name) address \"\(text)\": expected https (plain http only to this machine itself).")
        }
        if parts.path.isEmpty || parts.path == "/" { parts.path = path }
        guard let url = parts.string else {
            throw CloudError(.input, "\(name) address \"\(text)\" is not a URL.")
        }
        return url
    }

    private static func isLoopback(_ host: String) -> Bool {
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        if bare.lowercased() == "localhost" || bare == "::1" { return true }
        // Only the dotted form of 127.0.0.0/8; "127.evil.example" is a name.
        guard bare.hasPrefix("127."), let address = try? SocketAddress(ipAddress: bare, port: 0) else { return false }
        return address.protocol == .inet
    }
}

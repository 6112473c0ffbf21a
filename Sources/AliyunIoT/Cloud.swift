import Foundation
import MQTT
import NIOCore

/// Where the cloud is and how to trust it: the real platform or a stand-in, told apart by nothing but these values.
public struct Cloud: Sendable, Equatable {
    /// OpenAPI endpoint, `https://iot.{region}.aliyuncs.com/`; its path is `/`.
    public let openAPI: String
    /// HTTPS registration, `https://iot-auth.{region}.aliyuncs.com/auth/register/device`; nil = not offered.
    public let registration: String?
    public let mqttHost: String
    public let mqttPort: Int
    /// PEM file with the trusted authorities for HTTPS and MQTT; nil = the system's store.
    public let caFile: String?
    /// `cn-shanghai` for instance; sent with every OpenAPI call.
    public let regionID: String
    /// Of an enterprise or new public instance; nil for an old public one.
    public let instanceID: String?
    /// `securemode` of registration and device connections over TLS: 2, or -2 where the instance asks for it.
    public let secureMode: Int

    /// - Parameters:
    ///   - registration: with or without the path `/auth/register/device`, which is added where there is none.
    /// - Throws: ``CloudError`` with code `.input` for a URL without host, with user or query, or with plain `http` to
    ///   anything but this machine; for an MQTT host or port that cannot be one.
    public init(
        openAPI: String, registration: String?, mqttHost: String, mqttPort: Int, caFile: String? = nil,
        regionID: String = "cn-shanghai", instanceID: String? = nil, secureMode: Int = 2
    ) throws(CloudError) {
        self.openAPI = try Self.endpoint(openAPI, named: "OpenAPI", path: "/")
        if let registration {
            let path = "/auth/register/device"
            self.registration = try Self.endpoint(registration, named: "registration", path: path)
        } else {
            self.registration = nil
        }
        guard !mqttHost.isEmpty, !mqttHost.contains(where: { "/ @".contains($0) }), (1...65_535).contains(mqttPort)
        else {
            throw CloudError(
                .input, "MQTT address \"\(mqttHost):\(mqttPort)\": expected a host name and a port from 1 to 65535.")
        }
        self.mqttHost = mqttHost
        self.mqttPort = mqttPort
        self.caFile = caFile
        self.regionID = regionID
        self.instanceID = instanceID
        self.secureMode = secureMode
    }

    /// Reads the trust roots for MQTT.
    ///
    /// - Throws: ``MQTT/ConnectionError`` with code `.tls` if the file cannot be read.
    func tls() throws(ConnectionError) -> TLSClient { try TLSClient(caFile: caFile) }

    private static func endpoint(_ text: String, named name: String, path: String) throws(CloudError) -> String {
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

import MQTT
import NIOCore

/// What a CONNECT packet says in the platform's grammar: `{id}|{k=v},…|` as client id, `{DeviceName}&{ProductKey}` as
/// user name.
///
/// Source: "MQTT-based dynamic registration" and "MQTT-TLS connection". The order of the keys is free, unknown keys and
/// empty items are ignored, the id is never taken apart.
struct ConnectParameters: Sendable {
    enum Mode: Sendable, Equatable {
        /// `authType=register`: dynamic registration of a pre-registered device.
        case register(random: String, method: String)
        /// `authType=regnwl`: dynamic registration without pre-registration.
        case registerWithoutList(random: String, method: String)
        /// A device certificate's connection.
        case device(method: WireSignature.Method, timestamp: String?)
        /// `authType=connwl`: ClientID and DeviceToken.
        case deviceToken
    }

    let mode: Mode
    /// The part of the client id before the first `|`.
    let id: String
    let productKey: String
    let deviceName: String
    let password: String
    let instanceID: String?
    /// Longest id before the bar ("MQTT-based dynamic registration").
    static let maximumIDLength = 64
    /// Whether the device asks for replies without subscribing (`_ss=1`).
    let subscribesBySystem: Bool

    /// A packet that does not follow the grammar.
    struct Malformed: Error {
        /// CONNACK code: 2 for the client id's parameters, 4 for a device's user name or password.
        let code: UInt8
        let reason: String
    }

    init(_ connect: Packet.Connect, isTLS: Bool) throws(Malformed) {
        let parts = connect.clientID.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw Malformed(code: 2, reason: "client id without parameters between bars")
        }
        id = String(parts[0])
        guard id.count <= Self.maximumIDLength else {
            throw Malformed(code: 2, reason: "id before the bar is longer than \(Self.maximumIDLength) characters")
        }
        var values: [String: String] = [:]
        for item in parts[1].split(whereSeparator: { $0 == "," || $0 == "|" }) {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { values[String(pair[0])] = String(pair[1]) }
        }
        mode = try Self.mode(values)
        instanceID = values["instanceId"]
        subscribesBySystem = values["_ss"] == "1"
        try Self.checkSecureMode(values["securemode"], mode, isTLS: isTLS)
        let isRegistration =
            switch mode {
            case .register, .registerWithoutList: true
            case .device, .deviceToken: false
            }
        let names = (connect.username ?? "").split(separator: "&", omittingEmptySubsequences: false)
        guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty, let password = connect.password else {
            throw Malformed(
                code: isRegistration ? 2 : 4, reason: "user name is not DeviceName&ProductKey, or no password")
        }
        (deviceName, productKey) = (String(names[0]), String(names[1]))
        self.password = String(buffer: password)
    }

    private static func mode(_ values: [String: String]) throws(Malformed) -> Mode {
        switch values["authType"] {
        case "register", "regnwl":
            guard let random = values["random"], !random.isEmpty else {
                throw Malformed(code: 2, reason: "registration without random")
            }
            guard let method = values["signmethod"], WireSignature.Method(name: method) != nil else {
                throw Malformed(code: 2, reason: "registration without a signmethod that is supported")
            }
            return values["authType"] == "register"
                ? .register(random: random, method: method) : .registerWithoutList(random: random, method: method)
        case "connwl": return .deviceToken
        case nil:
            // Without a signmethod the platform takes hmacmd5.
            guard let method = WireSignature.Method(name: values["signmethod"] ?? "hmacmd5") else {
                throw Malformed(code: 2, reason: "signmethod is not supported")
            }
            return .device(method: method, timestamp: values["timestamp"])
        case let other?: throw Malformed(code: 2, reason: "unknown authType \(other.prefix(32))")
        }
    }

    /// 2 and -2 stand for TLS, 3 for plain TCP, on which only a device certificate may connect.
    private static func checkSecureMode(_ secureMode: String?, _ mode: Mode, isTLS: Bool) throws(Malformed) {
        switch (isTLS, secureMode) {
        case (true, "2"), (true, "-2"): return
        case (false, "3"):
            if case .device = mode { return }
            throw Malformed(code: 2, reason: "this mode is served over TLS only")
        case (false, "2"), (false, "-2"):
            throw Malformed(code: 2, reason: "securemode is for TLS, but the transport is plain TCP")
        default: throw Malformed(code: 2, reason: "securemode is missing or not for this transport")
        }
    }
}

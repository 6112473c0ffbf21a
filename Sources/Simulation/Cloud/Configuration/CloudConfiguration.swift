public import Provisioning

/// How one cloud stand-in is set up: where it listens, whom it knows and how it behaves.
///
/// Read once, at start, from the TOML file that `station simulate cloud --config` names, or built in a test. The
/// defaults are those of the real platform where it has an answer, and the harmless ones where it has not.
public struct CloudConfiguration: Sendable {
    /// Where the stand-in listens. A port of 0 takes any free one; `nil` leaves that door shut.
    public struct Listen: Sendable {
        /// Address that all doors bind to, but the admin door, which is always on loopback.
        public var host = "127.0.0.1"
        public var openAPIHTTP: Int?
        public var openAPIHTTPS: Int?
        public var registrationHTTPS: Int?
        public var mqttTLS: Int?
        public var mqttTCP: Int?
        public var admin: Int?

        public init() {}

        /// Every door open on a free port.
        public static var everywhere: Listen {
            var listen = Listen()
            (listen.openAPIHTTP, listen.openAPIHTTPS, listen.registrationHTTPS) = (0, 0, 0)
            (listen.mqttTLS, listen.mqttTCP, listen.admin) = (0, 0, 0)
            return listen
        }
    }

    /// One key pair that may call the OpenAPI.
    public struct AccessKey: Sendable {
        public var id: String
        public var secret: Secret

        public init(id: String, secret: Secret) { (self.id, self.secret) = (id, secret) }
    }

    /// One product of the account, with 一型一密 authentication.
    public struct Product: Sendable {
        /// What QueryProduct shows as `ProductStatus`.
        public enum Status: String, CaseIterable, Codable, Sendable {
            case development = "DEVELOPMENT_STATUS"
            case released = "RELEASE_STATUS"
        }

        /// What QueryProduct shows as `AuthType`.
        public enum AuthType: String, CaseIterable, Codable, Sendable { case secret, id2, x509 }

        public var key: String
        public var secret: Secret
        public var name: String
        /// Position of the console's dynamic-registration switch at the very first start; default on. A position set
        /// later by `simulate switch` is kept in the state file and wins.
        public var dynamicRegistration: Bool
        /// Instance the product lives in; `nil` for an old public instance. Where set, each call must name it.
        public var instanceID: String?
        /// Whether the no-pre-registration mode (免预注册) is served; default yes.
        public var noPreregistration: Bool
        /// Whether the product is published. Shown only: devices of either register and connect, as on the platform.
        public var status: Status
        /// How its devices prove themselves. Shown only: the stand-in gives out DeviceSecrets whatever it is.
        public var authType: AuthType

        public init(
            key: String, secret: Secret, name: String, dynamicRegistration: Bool = true, instanceID: String? = nil,
            noPreregistration: Bool = true, status: Status = .released, authType: AuthType = .secret
        ) {
            (self.key, self.secret, self.name) = (key, secret, name)
            self.dynamicRegistration = dynamicRegistration
            (self.instanceID, self.noPreregistration) = (instanceID, noPreregistration)
            (self.status, self.authType) = (status, authType)
        }
    }

    /// The switches that tests and the demo turn.
    public struct Behaviour: Sendable {
        /// Whether each action keeps the platform's published calls a second; all access keys share them.
        public var qpsLimits = false
        /// Connects a minute that one device may make, 0 = without limit (the platform: 5).
        public var connectsPerMinute = 0
        /// Connections at a time that each MQTT door takes, those still in the handshake included; one more is closed.
        public var mqttConnections = 4096
        /// Whether a device connection outside keep-alive 30…1200 s is refused. Registrations are never checked.
        public var checkKeepAlive = true
        /// Whether ResetThing makes the next registration issue a new DeviceSecret. The platform's pages disagree.
        public var resetRotatesSecret = false
        /// Age at which a registration connection is closed, seconds.
        public var registrationCloseSeconds = 15.0
        /// Time within which a client must have finished TLS and its CONNECT or HTTP head, seconds.
        public var handshakeDeadlineSeconds = 20.0
        /// Time a batch job of the OpenAPI takes, milliseconds.
        public var batchDelayMilliseconds = 200
        /// Whether the no-pre-registration mode is served at all.
        public var noPreregistration = true
        /// Most devices of all products of one instance together, 0 = without limit. More are refused with
        /// `iot.device.DeviceCountExceeded`.
        public var deviceLimit = 0
        /// Outage that begins at start, seconds; 0 = none.
        public var outageSeconds = 0.0
        /// JSON file that keeps devices, switches and batch jobs over a restart, with a log beside it (the same name and
        /// `.log`) for what changed since it was written; `nil` = memory only.
        public var stateFile: String?
        /// JSON file that lists every secret and token ever held or issued; `nil` = none.
        public var secretsFile: String?

        public init() {}
    }

    /// The stand-in's own certificate authority.
    public struct PKI: Sendable {
        /// Folder for `ca.pem` and `ca.key`; `nil` = a temporary folder that is removed at the end.
        public var directory: String?
        /// Host names and addresses the server certificate holds besides `localhost` and `127.0.0.1`.
        public var names: [String] = []

        public init() {}
    }

    public var listen: Listen
    public var accessKeys: [AccessKey]
    public var products: [Product]
    public var behaviour: Behaviour
    public var pki: PKI

    public init(
        listen: Listen = .everywhere, accessKeys: [AccessKey] = [], products: [Product] = [],
        behaviour: Behaviour = Behaviour(), pki: PKI = PKI()
    ) {
        (self.listen, self.accessKeys, self.products) = (listen, accessKeys, products)
        (self.behaviour, self.pki) = (behaviour, pki)
    }
}

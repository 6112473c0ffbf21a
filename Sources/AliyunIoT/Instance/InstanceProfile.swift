/// A kind of instance of the platform and where it differs from its kind's defaults ("View and configure instance
/// endpoint"): what a ``Cloud`` is made from in the field.
///
/// Every default can be overridden, since compatible platforms reproduce the calls on hosts, ports and authorities of
/// their own. TLS verification cannot be switched off.
public struct InstanceProfile: Sendable, Equatable {
    /// Where HTTPS registration is.
    public enum Registration: Sendable, Equatable {
        /// The kind's default: offered in cn-shanghai alone, and not for `custom`.
        case standard
        case none
        /// With or without the path `/auth/register/device`.
        case at(String)
    }

    public var kind: Cloud.Instance
    /// `cn-shanghai` for instance.
    public var regionID: String
    /// Nil = `https://iot.{region}.aliyuncs.com`; demanded for `custom`.
    public var openAPI: String?
    public var registration: Registration = .standard
    /// Nil = the kind's; demanded for `custom`. `{PK}` stands for the ProductKey.
    public var mqttHost: String?
    /// Nil = 8883, for an old public instance 1883; demanded for `custom`.
    public var mqttPort: Int?
    /// PEM file with the authorities for HTTPS; nil = the system's store.
    public var caFile: String?
    /// PEM file with the authorities for MQTT; nil = the same. Port 8883 of the platform is signed by its own private
    /// root, which no system has.
    public var mqttCAFile: String?
    public var signature: Cloud.Signature = .rpcV1
    /// 2 or -2, for registrations; nil = 2 for an old public instance and `custom`, else -2.
    public var secureMode: Int?
    /// Overrides the kind's, for a `custom` platform that wants one; an old public instance has none.
    public var instanceID: String?

    public init(_ kind: Cloud.Instance, regionID: String = "cn-shanghai") {
        self.kind = kind
        self.regionID = regionID
    }

    /// One thing that is wrong.
    public struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// The property's name.
        public let key: String
        /// What was given, text in quotes; nil when nothing was, or when `expected` says it.
        public let value: String?
        /// What is wrong and what is expected, to end a sentence.
        public let expected: String

        init(key: String, value: String? = nil, _ expected: String) {
            (self.key, self.value, self.expected) = (key, value, expected)
        }

        /// With the value given and what is expected.
        public var sentence: String { value.map { "\($0): \(expected)." } ?? "\(expected)." }

        public var description: String { "\(key): \(sentence)" }
    }

    /// - Throws: ``CloudError`` with code `.input` that names all ``problems()``.
    public func cloud() throws(CloudError) -> Cloud {
        let problems = problems()
        guard problems.isEmpty, let openAPI = wantedOpenAPI, let host = wantedHost, let port = wantedPort else {
            throw CloudError(.input, problems.map(\.description).joined(separator: " "))
        }
        return try Cloud(
            openAPI: openAPI, registration: wantedRegistration, mqttHost: host, mqttPort: port, caFile: caFile,
            regionID: regionID, instanceID: wantedInstanceID, secureMode: wantedSecureMode, mqttCAFile: mqttCAFile,
            signature: signature)
    }

    // MARK: - Values after the defaults

    /// The OpenAPI's address; nil where a `custom` platform's is missing.
    public var wantedOpenAPI: String? {
        openAPI ?? (kind == .custom ? nil : "https://iot.\(regionID).aliyuncs.com")
    }

    /// Where HTTPS registration is; nil = not offered.
    public var wantedRegistration: String? {
        switch registration {
        case .none: nil
        case .at(let url): url
        case .standard:
            kind != .custom && regionID == "cn-shanghai" ? "https://iot-auth.\(regionID).aliyuncs.com" : nil
        }
    }

    /// Host of the MQTT port, in which `{PK}` may stand; nil where a `custom` platform's is missing.
    public var wantedHost: String? { mqttHost ?? kind.mqttHost(regionID: regionID) }
    /// The MQTT port; nil where a `custom` platform's is missing.
    public var wantedPort: Int? { mqttPort ?? kind.mqttPorts.first }
    /// The instance's id, which goes with every call; nil = it has none.
    public var wantedInstanceID: String? { instanceID ?? kind.id }
    /// `securemode` of registrations.
    public var wantedSecureMode: Int { secureMode ?? kind.secureMode }
}

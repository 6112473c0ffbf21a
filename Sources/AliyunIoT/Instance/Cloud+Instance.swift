extension Cloud {
    /// The kinds of instance the platform has.
    public enum Instance: Sendable, Equatable {
        /// Public instance of the old generation: no id, one MQTT host for each product.
        case oldPublic
        /// Public instance of the new generation (service first enabled on or after 2021-07-30).
        case newPublic(id: String)
        /// Standard enterprise instance. One of the exclusive kind (尊享型) has a domain of its own: override the host.
        case enterprise(id: String)
        /// A compatible platform: hosts and ports are given, none is guessed.
        case custom
    }
}

extension Cloud.Instance {
    var id: String? {
        switch self {
        case .newPublic(let id), .enterprise(let id): id
        case .oldPublic, .custom: nil
        }
    }

    /// `securemode` of a registration: today's documentation demands -2 where there is an instance id.
    var secureMode: Int {
        switch self {
        case .newPublic, .enterprise: -2
        case .oldPublic, .custom: 2
        }
    }

    func mqttHost(regionID: String) -> String? {
        switch self {
        case .oldPublic: "\(Cloud.productKeyMark).iot-as-mqtt.\(regionID).aliyuncs.com"
        case .newPublic(let id), .enterprise(let id): "\(id).mqtt.iothub.aliyuncs.com"
        case .custom: nil
        }
    }

    /// The ports of the kind's own host, the default first; empty = not known.
    var mqttPorts: [Int] {
        switch self {
        case .oldPublic: [1883, 443]
        case .newPublic, .enterprise: [8883, 1883, 443]
        case .custom: []
        }
    }
}

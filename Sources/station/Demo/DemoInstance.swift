import ArgumentParser

/// The kind of instance a demo's cloud plays, and how the station is told of it.
enum DemoInstance: String, CaseIterable, Sendable, ExpressibleByArgument {
    /// Public instance of the old generation: no id, calls signed by RPC version 1.
    case `public`
    /// Enterprise instance: an id in every call, `securemode` -2, calls signed by ACS3-HMAC-SHA256.
    case enterprise

    /// The id that the cloud's product and the station's calls carry.
    var id: String? { self == .enterprise ? "iot-demo0001" : nil }

    /// Its lines in the station's table `[cloud]`; addresses and authority are the stand-in's.
    var toml: String {
        switch self {
        case .public: "instance = \"old-public\""
        case .enterprise:
            "instance = \"enterprise\"\ninstance_id = \"\(id ?? "")\"\nsignature = \"acs3\""
        }
    }
}

import Glibc
import Provisioning
import TOMLKit

extension CloudConfiguration {
    /// Reads the configuration file once, to its end, without seeking: it may be a pipe or `/dev/fd/N`, by which the
    /// demo hands secrets to its child.
    /// - Throws: ``CloudConfigurationError`` with every problem found.
    public static func read(path: String) throws -> CloudConfiguration {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CloudConfigurationError(problems: ["\(path) cannot be read: \(String(cString: strerror(errno)))"])
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CloudConfigurationError(problems: ["\(path) cannot be read: \(String(cString: strerror(errno)))"])
            }
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return try CloudConfiguration(toml: String(decoding: bytes, as: UTF8.self))
    }

    /// Reads the configuration from TOML text.
    /// - Throws: ``CloudConfigurationError`` naming each unknown key, wrong type and value out of range.
    public init(toml: String) throws {
        let document: TOMLTable
        do {
            document = try TOMLTable(string: toml)
        } catch let error as TOMLParseError {
            // The parser's own sentence may quote the line, which may hold a secret: only the place is told.
            throw CloudConfigurationError(problems: ["not TOML \(error.source.debugDescription)"])
        }
        let problems = StrictTable.Problems()
        var root = StrictTable(document, path: "", problems: problems)
        self.init(
            listen: Listen(root.table("listen")),
            accessKeys: root.tables("access_keys").compactMap(AccessKey.init),
            products: root.tables("products").compactMap(Product.init),
            behaviour: Behaviour(root.table("behaviour")),
            pki: PKI(root.table("pki"))
        )
        root.finish()
        let sentences = problems.sentences + contradictions()
        guard sentences.isEmpty else { throw CloudConfigurationError(problems: sentences) }
    }

    /// What is wrong between values that are each right alone.
    func contradictions() -> [String] {
        var sentences: [String] = []
        let ports = [
            listen.openAPIHTTP, listen.openAPIHTTPS, listen.registrationHTTPS, listen.mqttTLS, listen.mqttTCP,
            listen.admin,
        ]
        if ports.allSatisfy({ $0 == nil }) {
            sentences.append("listen opens no door: give at least one port, 0 takes any free one")
        }
        let given = ports.compactMap(\.self).filter { $0 != 0 }
        if Set(given).count != given.count { sentences.append("listen gives one port to two doors") }
        if Set(accessKeys.map(\.id)).count != accessKeys.count { sentences.append("access_keys lists one id twice") }
        if Set(products.map(\.key)).count != products.count { sentences.append("products lists one key twice") }
        return sentences
    }
}

extension CloudConfiguration.Listen {
    fileprivate init(_ source: StrictTable) {
        var table = source
        let ports = 0...65535
        host = table.string("host") ?? host
        openAPIHTTP = table.integer("openapi_http", in: ports)
        openAPIHTTPS = table.integer("openapi_https", in: ports)
        registrationHTTPS = table.integer("registration_https", in: ports)
        mqttTLS = table.integer("mqtt_tls", in: ports)
        mqttTCP = table.integer("mqtt_tcp", in: ports)
        admin = table.integer("admin", in: ports)
        table.finish()
    }
}

extension CloudConfiguration.AccessKey {
    fileprivate init?(_ source: StrictTable) {
        var table = source
        let id = table.string("id", required: true)
        let secret = table.string("secret", required: true)
        table.finish()
        guard let id, let secret else { return nil }
        self.init(id: id, secret: Secret(secret))
    }
}

extension CloudConfiguration.Product {
    fileprivate init?(_ source: StrictTable) {
        var table = source
        let key = table.string("key", required: true)
        let secret = table.string("secret", required: true)
        let name = table.string("name")
        let dynamicRegistration = table.bool("dynamic_registration")
        let instanceID = table.string("instance_id")
        let noPreregistration = table.bool("no_preregistration")
        let status = table.choice("status", of: Status.self)
        let authType = table.choice("auth_type", of: AuthType.self)
        table.finish()
        guard let key, let secret else { return nil }
        self.init(
            key: key, secret: Secret(secret), name: name ?? key, dynamicRegistration: dynamicRegistration ?? true,
            instanceID: instanceID, noPreregistration: noPreregistration ?? true, status: status ?? .released,
            authType: authType ?? .secret
        )
    }
}

extension CloudConfiguration.Behaviour {
    fileprivate init(_ source: StrictTable) {
        var table = source
        qpsLimits = table.bool("qps_limits") ?? qpsLimits
        connectsPerMinute = table.integer("connects_per_minute", in: 0...1000) ?? connectsPerMinute
        mqttConnections = table.integer("mqtt_connections", in: 1...65_535) ?? mqttConnections
        checkKeepAlive = table.bool("check_keep_alive") ?? checkKeepAlive
        resetRotatesSecret = table.bool("reset_rotates_secret") ?? resetRotatesSecret
        let times = 0.1...3600
        registrationCloseSeconds = table.number("registration_close_seconds", in: times) ?? registrationCloseSeconds
        handshakeDeadlineSeconds = table.number("handshake_deadline_seconds", in: times) ?? handshakeDeadlineSeconds
        batchDelayMilliseconds = table.integer("batch_delay_ms", in: 0...600_000) ?? batchDelayMilliseconds
        noPreregistration = table.bool("no_preregistration") ?? noPreregistration
        deviceLimit = table.integer("device_limit", in: 0...10_000_000) ?? deviceLimit
        outageSeconds = table.number("outage_seconds", in: 0...86400) ?? outageSeconds
        stateFile = table.string("state_file")
        secretsFile = table.string("secrets_file")
        table.finish()
    }
}

extension CloudConfiguration.PKI {
    fileprivate init(_ source: StrictTable) {
        var table = source
        directory = table.string("directory")
        names = table.strings("names") ?? []
        table.finish()
    }
}

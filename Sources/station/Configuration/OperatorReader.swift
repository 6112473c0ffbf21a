import Operator

/// Reads the table `[operator]`: where the operator's page is served.
struct OperatorReader {
    /// nil where something is wrong with it.
    let configuration: OperatorConfiguration?

    private static let expectedListen = "\"HOST:PORT\"; port 0 takes one that is free"
    private static let expectedTLS = "\"off\", \"own\", or { certificate = \"FILE\", key = \"FILE\" }"

    init(_ table: TableReader, _ paths: PathRule) {
        let standard = OperatorConfiguration()
        let hasListen = table.has("listen")
        let written = table.string("listen", expected: Self.expectedListen, isOptional: true, Self.listen)
        let listen = hasListen ? written : (host: standard.host, port: standard.port)
        let tls = Self.tls(table, paths)
        let idle = table.integer(
            "idle_minutes", in: OperatorConfiguration.idleMinutes, default: standard.idleMinutes, unit: "minutes")
        let language = table.choice(
            "language", of: OperatorConfiguration.Language.self, default: standard.language)
        table.finish()
        guard let listen, let tls, let idle, let language else {
            configuration = nil
            return
        }
        let found = OperatorConfiguration(
            host: listen.host, port: listen.port, tls: tls, idleMinutes: idle, language: language)
        guard found.isLoopback || tls != .off else {
            table.log.note(
                table.path(of: "tls"), "\"off\"",
                "expected \"own\" or the plant's certificate where others can reach \(listen.host): PINs cross the network"
            )
            configuration = nil
            return
        }
        configuration = found
    }

    private static func listen(_ text: String) -> (host: String, port: Int)? {
        if let endpoint = HostPort(text) { return (endpoint.host, endpoint.port) }
        guard text.hasSuffix(":0"), let endpoint = HostPort(text.dropLast() + "1") else { return nil }
        return (endpoint.host, 0)
    }

    private static func tls(_ table: TableReader, _ paths: PathRule) -> OperatorConfiguration.TLS? {
        guard let value = table.any("tls", expected: expectedTLS, isOptional: true) else { return .off }
        switch value {
        case .string("off"): return .off
        case .string("own"): return .own
        case .table:
            let files = table.table("tls")
            let certificate = files.string("certificate", expected: "a PEM file", paths.absolute)
            let key = files.string("key", expected: "a PEM file", paths.absolute)
            files.finish()
            guard let certificate, let key else { return nil }
            return .files(certificate: certificate, key: key)
        default:
            table.noteType("tls", value, expected: expectedTLS)
            return nil
        }
    }
}

extension OperatorConfiguration {
    /// As the lines of the table `[operator]`.
    var toml: [String] {
        let quoted = ConfigurationValue.quoted
        let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        var lines = ["[operator]", "listen = \(quoted(address))"]
        switch tls {
        case .off: lines.append("tls = \"off\"")
        case .own: lines.append("tls = \"own\"")
        case .files(let certificate, let key):
            lines.append("tls = { certificate = \(quoted(certificate)), key = \(quoted(key)) }")
        }
        return lines + ["idle_minutes = \(idleMinutes)", "language = \(quoted(language.rawValue))"]
    }
}

import Provisioning
import Simulation

extension SimulatedLine {
    /// The cloud stand-in's process.
    /// - Parameter ready: of an earlier start, whose ports are taken again; nil = free ones.
    func cloud(at ready: ReadyFile? = nil) -> Companion {
        Companion(
            arguments: ["simulate", "cloud", "--config", "/dev/stdin", "--ready-file", folder.cloudReady],
            input: cloudConfiguration(at: ready), logFile: folder.cloud + "/cloud.log", readyFile: folder.cloudReady)
    }

    /// The stand-in's configuration, which reaches it on standard input.
    private func cloudConfiguration(at ready: ReadyFile?) -> String {
        """
        [listen]
        host = "127.0.0.1"
        openapi_https = \(Self.port(of: ready?.openapiTLS))
        registration_https = \(Self.port(of: ready?.registration))
        mqtt_tls = \(Self.port(of: ready?.mqttTLS))
        admin = \(Self.port(of: ready?.admin))

        \(credentials.standInTables)
        name = "demo"
        dynamic_registration = \(isSwitchOn)
        \(instance.id.map { "instance_id = \"\($0)\"" } ?? "")

        [behaviour]
        state_file = "\(folder.cloud)/state.json"
        secrets_file = "\(folder.cloud)/secrets.json"

        [pki]
        directory = "\(folder.cloud)/pki"

        """
    }

    /// The port of a door's address; 0, a free one, where there is none.
    private static func port(of door: String?) -> String {
        let digits = door?.split(separator: ":").last?.prefix { $0.isNumber } ?? ""
        return digits.isEmpty ? "0" : String(digits)
    }
}

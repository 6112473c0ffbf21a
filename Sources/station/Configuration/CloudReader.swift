import AliyunIoT
import Foundation

/// Reads the `[cloud]` table: the kind of instance, where it differs from its kind, and the station's share of it.
///
/// CA files are named, not opened: a line PC is configured before its authorities are there, and secrets are sealed
/// meanwhile. The doctor and `serve` open them.
struct CloudReader {
    /// Nil if a part of it was refused.
    let cloud: StationConfiguration.Cloud?

    /// The value of `registration` where it is not offered.
    static let noRegistration = "none"

    private static let ports = 1...65_535
    private static let limits = 1...100_000_000

    init(_ table: TableReader, _ paths: PathRule) {
        let kind = table.choice("instance", of: InstanceKind.self, default: .custom)
        let instance = Self.readInstance(table, kind, paths)
        let accessKeyID = Self.readName(table, "access_key_id")
        let workflowID = Self.readName(table, "workflow_access_key_id", isOptional: true)
        if let workflowID, workflowID == accessKeyID {
            table.log.note(
                table.path(of: "workflow_access_key_id"), ConfigurationValue.quoted(workflowID),
                "expected another AccessKey than access_key_id, with permissions of its own")
        }
        let qpsShare = table.integer("qps_share", in: 1...30, default: 10, unit: "calls a second")
        let deviceLimit = table.integer(
            "device_limit", in: Self.limits, default: kind?.deviceLimit, isOptional: true, unit: "devices")
        let onlineLimit = table.integer(
            "online_limit", in: Self.limits, default: kind?.onlineLimit, isOptional: true, unit: "devices")
        table.finish()
        guard let instance, let accessKeyID, let qpsShare else {
            cloud = nil
            return
        }
        cloud = StationConfiguration.Cloud(
            instance: instance, accessKeyID: accessKeyID, workflowAccessKeyID: workflowID, qpsShare: qpsShare,
            deviceLimit: deviceLimit, onlineLimit: onlineLimit)
    }

    /// - Parameter kind: nil if it was refused; then nothing is demanded, and only each value by itself is checked.
    private static func readInstance(
        _ table: TableReader, _ kind: InstanceKind?, _ paths: PathRule
    ) -> InstanceProfile? {
        let region = table.string("region", expected: "a region's id such as cn-shanghai", isOptional: true) {
            StationConfiguration.name($0, extra: "-", longest: 32)
        }
        let id = readName(table, "instance_id", isOptional: !(kind?.needsID ?? false))
        // A URL that is refused may hold a user's password.
        let openAPI = table.string(
            "openapi", expected: expectedURL, isOptional: kind != .custom, hidesValue: { _ in true }, serviceURL)
        let registration = table.string(
            "registration", expected: "\(expectedURL), or \"\(noRegistration)\"", isOptional: true,
            hidesValue: { _ in true }
        ) { $0 == noRegistration ? InstanceProfile.Registration.none : serviceURL($0).map { .at($0) } }
        let mqtt = table.string(
            "mqtt", expected: "HOST:PORT, port 1 to 65535", isOptional: kind != .custom,
            hidesValue: { $0.contains("@") }
        ) { HostPort($0, allowing: Cloud.productKeyMark) }
        let port = readPort(table, kind)
        let caFile = table.string("ca_file", expected: "a PEM file", isOptional: true, paths.absolute)
        let mqttCAFile = table.string("mqtt_ca_file", expected: "a PEM file", isOptional: true, paths.absolute)
        let secureMode = table.integer("secure_mode", among: [2, -2])
        let signature = table.choice("signature", of: Cloud.Signature.self, default: .rpcV1)
        guard let kind else { return nil }

        // Where the id was refused the file is; what else is wrong is told all the same.
        var profile = InstanceProfile(kind.instance(id: id ?? "refused"), regionID: region ?? "cn-shanghai")
        if !kind.needsID { profile.instanceID = id }
        profile.openAPI = openAPI
        profile.registration = registration ?? .standard
        (profile.mqttHost, profile.mqttPort) = (mqtt?.host, mqtt?.port ?? port)
        (profile.caFile, profile.mqttCAFile) = (caFile, mqttCAFile)
        profile.secureMode = secureMode
        profile.signature = signature ?? .rpcV1
        note(profile, table)
        return profile
    }

    private static func readName(_ table: TableReader, _ key: String, isOptional: Bool = false) -> String? {
        table.string(key, expected: "1 to 64 of A-Z a-z 0-9 - _", isOptional: isOptional) {
            StationConfiguration.name($0, extra: "-_", longest: 64)
        }
    }

    /// The key `mqtt_port`, which chooses among the ports of the kind's own host.
    private static func readPort(_ table: TableReader, _ kind: InstanceKind?) -> Int? {
        guard let port = table.integer("mqtt_port", in: ports, isOptional: true) else { return nil }
        let path = table.path(of: "mqtt_port")
        if table.has("mqtt") {
            table.log.note(path, "\(port)", "expected one of mqtt_port and mqtt, which has a port of its own")
        } else if kind == .custom {
            table.log.note(
                path, "\(port)", "expected mqtt = \"HOST:PORT\" instead: only the other kinds have a host of their own")
        }
        return port
    }

    /// Notes what is wrong with the values taken together, except what is already noted or follows from that.
    private static func note(_ profile: InstanceProfile, _ table: TableReader) {
        let trust = ["mqtt", "mqtt_port", "ca_file", "mqtt_ca_file"]
        for problem in profile.valueProblems() {
            let key = profile.key(of: problem)
            guard !table.isRefused(key) else { continue }
            if key == "mqtt_ca_file", trust.contains(where: table.isRefused) { continue }
            let noted = profile.configurationProblem(problem, path: table.path(of: key))
            table.log.note(noted.key, noted.value, noted.expected)
        }
    }

    /// The URL of a service of the cloud: encrypted, or on this machine.
    private static func serviceURL(_ text: String) -> String? {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty, parts.user == nil,
            parts.password == nil, parts.query == nil, parts.fragment == nil,
            parts.port.map({ ports.contains($0) }) ?? true,
            parts.scheme == "https" || (parts.scheme == "http" && HostPort.isLoopback(host))
        else { return nil }
        return parts.url?.absoluteString
    }

    fileprivate static let expectedURL =
        "https://HOST[:PORT][/PATH] without user, query or fragment (http:// for this machine only)"
}

extension StationConfiguration.Cloud {
    /// What keeps the instance from being used, by the file's keys; reads the CA files.
    func problems() -> [ConfigurationProblem] {
        instance.problems().map { instance.configurationProblem($0, path: "cloud.\(instance.key(of: $0))") }
    }
}

extension InstanceProfile {
    /// The key of `station.toml` under which a problem is corrected.
    fileprivate func key(of problem: Problem) -> String {
        switch problem.key {
        case "regionID": "region"
        case "instanceID": "instance_id"
        case "openAPI": "openapi"
        case "mqttHost": "mqtt"
        case "mqttPort": mqttHost == nil && kind != .custom ? "mqtt_port" : "mqtt"
        case "caFile": "ca_file"
        case "mqttCAFile": "mqtt_ca_file"
        case "secureMode": "secure_mode"
        default: problem.key
        }
    }

    fileprivate func configurationProblem(_ problem: Problem, path: String) -> ConfigurationProblem {
        // What is said of a URL may repeat it.
        let isURL = ["openAPI", "registration"].contains(problem.key)
        return ConfigurationProblem(
            key: path, value: problem.value, expected: isURL ? "expected \(CloudReader.expectedURL)" : problem.expected)
    }
}

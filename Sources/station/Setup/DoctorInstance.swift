import AliyunIoT

/// The doctor's look at the instance profile: which kind it is, what follows from that, and the authorities it trusts.
struct DoctorInstance {
    let cloud: StationConfiguration.Cloud

    func examine(into report: inout DoctorReport) {
        report.findings.append(
            .ok("instance", expected: "addresses and schemes that fit its kind", seen: summary))
        let problems = cloud.problems()
        for problem in problems {
            let key = problem.key.split(separator: ".").last.map(String.init) ?? problem.key
            report.findings.append(
                .problem(
                    key, expected: "authorities that can be read", seen: problem.description,
                    next: "correct [cloud] \(key), or put the file there, readable for this account"))
        }
        for (key, file) in [("ca_file", cloud.instance.caFile), ("mqtt_ca_file", cloud.instance.mqttCAFile)] {
            guard let file, !problems.contains(where: { $0.key == "cloud.\(key)" }) else { continue }
            report.findings.append(.ok(key, expected: "authorities that can be read", seen: file))
        }
    }

    /// The kind and every value that the station will use, defaults included.
    var summary: String {
        let instance = cloud.instance
        let id = instance.wantedInstanceID.map { " \($0)" } ?? ""
        let mqtt = HostPort(host: instance.wantedHost ?? "", port: instance.wantedPort ?? 0)
        return "\(InstanceKind(instance.kind).rawValue)\(id) in \(instance.regionID): "
            + "OpenAPI \(instance.wantedOpenAPI ?? "") signed by \(instance.signature.rawValue), "
            + "registration \(instance.wantedRegistration ?? "not offered"), "
            + "MQTT \(mqtt), securemode \(instance.wantedSecureMode)"
    }
}

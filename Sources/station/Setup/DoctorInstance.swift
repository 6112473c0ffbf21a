import AliyunIoT
import Foundation

/// The doctor's look at the instance profile: which kind it is, what follows from that, and the authorities it trusts.
struct DoctorInstance {
    let cloud: StationConfiguration.Cloud

    func examine(into report: inout DoctorReport) {
        report.findings.append(
            .ok("instance", expected: "addresses and schemes that fit its kind", seen: summary))
        let problems = cloud.problems()
        for (key, file) in [("ca_file", cloud.instance.caFile), ("mqtt_ca_file", cloud.instance.mqttCAFile)] {
            guard let file else { continue }
            let expected = "authorities that can be read"
            guard let problem = problems.first(where: { $0.key == "cloud.\(key)" }) else {
                report.findings.append(.ok(key, expected: expected, seen: file))
                continue
            }
            let isReadable = access(file, R_OK) == 0
            report.findings.append(
                .problem(
                    key, expected: expected,
                    seen: isReadable ? problem.expected : "\(file): \(String(cString: strerror(errno)))",
                    next: "correct [cloud] \(key), or put the PEM file there, readable for this account"))
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

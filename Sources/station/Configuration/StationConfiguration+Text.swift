import AliyunIoT
import Foundation
import Operator
import Provisioning

extension StationConfiguration {
    /// The configuration as the text of a `station.toml`: reading it gives the same configuration.
    var toml: String {
        let quoted = ConfigurationValue.quoted
        var lines = ["[station]", "id = \(quoted(id))", "data = \(quoted(dataFolder))"]
        if let headWitness { lines.append("head_witness = \(quoted(headWitness))") }
        lines += ["", "[cloud]"]
        lines += cloud.toml + [""]
        lines += vault.lines
        if let stubDirectory { lines += ["[flash.espressif]", "stub_directory = \(quoted(stubDirectory))", ""] }
        lines += ["[limits]", "runs_per_unit = \(limits.runsPerUnit)"]
        lines += ["hold_after_seconds = \(limits.holdAfter.components.seconds)"]
        lines += ["disk_warn_mib = \(limits.diskWarnMiB)", "disk_stop_mib = \(limits.diskStopMiB)", ""]
        lines += ["[watch]", "interval_seconds = \(watch.interval.components.seconds)", ""]
        if let network {
            lines += ["[network]", "ssid = \(quoted(network.ssid))"]
            switch network.probe {
            case .socket(let endpoint)?: lines.append("probe = \(quoted(endpoint.socketURL))")
            case .command(let words)?: lines.append("probe = [\(words.map(quoted).joined(separator: ", "))]")
            case nil: break
            }
            lines.append("")
        }
        lines += calls.toml
        if let page { lines += page.toml + [""] }
        if let shifts { lines += shifts.lines + [""] }
        if !tools.isEmpty {
            lines +=
                ["[tools]"] + tools.sorted { $0.key < $1.key }.map { "\(quoted($0.key)) = \(quoted($0.value))" } + [""]
        }
        for slot in slots {
            lines += ["[[slots]]", "name = \(quoted(slot.name))", "profile = \(quoted(slot.profile))"]
            lines += ["port = \(quoted(slot.port))", "max_baud = \(slot.maxBaud)"]
            if let path = slot.usbPath { lines.append("usb = \(quoted(path))") }
            lines += ["control = \(slot.control.toml)", ""]
        }
        return lines.joined(separator: "\n")
    }
}

extension StationConfiguration.Cloud {
    fileprivate var toml: [String] {
        let quoted = ConfigurationValue.quoted
        var lines = ["instance = \(quoted(InstanceKind(instance.kind).rawValue))"]
        lines.append("region = \(quoted(instance.regionID))")
        if let id = instance.wantedInstanceID { lines.append("instance_id = \(quoted(id))") }
        if let openAPI = instance.openAPI { lines.append("openapi = \(quoted(openAPI))") }
        switch instance.registration {
        case .standard: break
        case .none: lines.append("registration = \(quoted(CloudReader.noRegistration))")
        case .at(let url): lines.append("registration = \(quoted(url))")
        }
        if let host = instance.mqttHost, let port = instance.wantedPort {
            lines.append("mqtt = \(quoted(HostPort(host: host, port: port).description))")
        } else if let port = instance.mqttPort {
            lines.append("mqtt_port = \(port)")
        }
        if let file = instance.caFile { lines.append("ca_file = \(quoted(file))") }
        if let file = instance.mqttCAFile { lines.append("mqtt_ca_file = \(quoted(file))") }
        if let mode = instance.secureMode { lines.append("secure_mode = \(mode)") }
        lines.append("signature = \(quoted(instance.signature.rawValue))")
        lines.append("access_key_id = \(quoted(accessKeyID))")
        if let id = workflowAccessKeyID { lines.append("workflow_access_key_id = \(quoted(id))") }
        lines.append("qps_share = \(qpsShare)")
        if let deviceLimit { lines.append("device_limit = \(deviceLimit)") }
        if let onlineLimit { lines.append("online_limit = \(onlineLimit)") }
        return lines
    }
}

extension SlotControl {
    fileprivate var toml: String {
        switch self {
        case .lines: "\"lines\""
        case .usbSerialJTAG: "\"usb-serial-jtag\""
        case .command(let words): Self.list(words)
        case .device(let text): ConfigurationValue.quoted(text)
        case .sequences(let steps):
            "{ " + steps.sorted { $0.key < $1.key }.map { "\($0.key) = \(Self.list($0.value))" }.joined(separator: ", ")
                + " }"
        case .socket(let endpoint): ConfigurationValue.quoted(endpoint.socketURL)
        }
    }

    private static func list(_ words: [String]) -> String {
        "[\(words.map(ConfigurationValue.quoted).joined(separator: ", "))]"
    }
}

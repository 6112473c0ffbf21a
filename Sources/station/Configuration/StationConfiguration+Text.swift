import Foundation

extension StationConfiguration {
    /// The configuration as the text of a `station.toml`: reading it gives the same configuration.
    var toml: String {
        let quoted = ConfigurationValue.quoted
        var lines = ["[station]", "id = \(quoted(id))", "data = \(quoted(dataFolder))", "", "[cloud]"]
        lines.append("openapi = \(quoted(cloud.openAPI.absoluteString))")
        if let registration = cloud.registration {
            lines.append("registration = \(quoted(registration.absoluteString))")
        }
        lines.append("mqtt = \(quoted(cloud.mqtt.description))")
        if let caFile = cloud.caFile { lines.append("ca_file = \(quoted(caFile))") }
        lines.append("access_key_id = \(quoted(cloud.accessKeyID))")
        lines.append("region = \(quoted(cloud.region))")
        if let instanceID = cloud.instanceID { lines.append("instance_id = \(quoted(instanceID))") }
        lines += ["qps_share = \(cloud.qpsShare)", ""]
        if let stubDirectory { lines += ["[flash.espressif]", "stub_directory = \(quoted(stubDirectory))", ""] }
        lines += ["[limits]", "runs_per_unit = \(limits.runsPerUnit)"]
        lines += ["hold_after_seconds = \(limits.holdAfter.components.seconds)", ""]
        for slot in slots {
            lines += ["[[slots]]", "name = \(quoted(slot.name))", "profile = \(quoted(slot.profile))"]
            lines += ["port = \(quoted(slot.port))", "max_baud = \(slot.maxBaud)"]
            lines += ["control = \(slot.control.toml)", ""]
        }
        return lines.joined(separator: "\n")
    }
}

extension SlotControl {
    fileprivate var toml: String {
        switch self {
        case .lines: "\"lines\""
        case .usbSerialJTAG: "\"usb-serial-jtag\""
        case .command(let words): "[\(words.map(ConfigurationValue.quoted).joined(separator: ", "))]"
        case .socket(let endpoint): ConfigurationValue.quoted(endpoint.socketURL)
        }
    }
}

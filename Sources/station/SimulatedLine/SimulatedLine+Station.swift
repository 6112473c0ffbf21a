import Foundation
import Logging
import Provisioning
import Simulation

extension SimulatedLine {
    /// Writes the station's configuration and puts the station together.
    /// - Parameters:
    ///   - ready: where the cloud is reached.
    ///   - fixture: where the slots are.
    ///   - level: what of its log is shown.
    func station(
        _ ready: ReadyFile, _ fixture: FixtureAddresses, level: Logger.Level, page: StationComposition.Page? = nil,
        adjustments: StationComposition.Adjustments = StationComposition.Adjustments()
    ) throws -> StationComposition {
        try configuration(ready, fixture).write(toFile: folder.configuration, atomically: true, encoding: .utf8)
        var logger = Logger(label: "station", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = level
        return try StationComposition(
            configuration: StationConfiguration.load(folder.configuration),
            profiles: Dictionary(uniqueKeysWithValues: profiles.map { ($0.name, $0) }),
            logger: logger, home: home, page: page, adjustments: adjustments)
    }

    private func configuration(_ ready: ReadyFile, _ fixture: FixtureAddresses) throws -> String {
        var lines = [
            "[station]", "id = \"\(name)\"", "data = \"\(folder.station)\"", "", "[cloud]",
            "openapi = \"\(ready.openapiTLS ?? "")\"", "registration = \"\(ready.registration ?? "")\"",
            "mqtt = \"\(ready.mqttTLS ?? "")\"", "ca_file = \"\(ready.caFile ?? "")\"", instance.toml,
            "access_key_id = \"\(credentials.accessKeyID)\"", "qps_share = 30", "",
        ]
        if let holdAfter { lines += ["[limits]", "hold_after_seconds = \(holdAfter.components.seconds)", ""] }
        lines += try toolLines()
        if let stubs = ProcessInfo.processInfo.environment["STATION_STUB_DIRECTORY"], !stubs.isEmpty {
            lines += ["[flash.espressif]", "stub_directory = \"\(stubs)\"", ""]
        }
        if profiles.contains(where: { $0.network != nil }) { lines += ["[network]", "ssid = \"demo-line\"", ""] }
        for (index, slot) in fixture.slots.enumerated() {
            lines += [
                "[[slots]]", "name = \"\(slot.name)\"", "profile = \"\(profile(ofSlot: index).name)\"",
                "port = \"\(slot.port)\"", "control = \"\(slot.control)\"", "usb = \"1-\(index + 1)\"", "",
            ]
        }
        return lines.joined(separator: "\n")
    }

    /// Where the line's flashers stand: esptool of the environment, and the stand-in for a maker's download tool.
    private func toolLines() throws -> [String] {
        let programs = Set(profiles.compactMap(\.flash.tool?.program))
        guard !programs.isEmpty else { return [] }
        var lines = ["[tools]"]
        if programs.contains("cat1-download"), let station = StationHome.executablePath() {
            let file = folder.boards + "/cat1-download"
            try "#!/bin/sh\nexec '\(station)' simulate flasher \"$@\"\n".write(
                toFile: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file)
            lines.append("cat1-download = \"\(file)\"")
        }
        if programs.contains("esptool"), let venv = ProcessInfo.processInfo.environment["STATION_VENV"] {
            lines.append("esptool = \"\(venv)/bin/esptool\"")
        }
        return lines + [""]
    }
}

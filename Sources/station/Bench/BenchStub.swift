import ArgumentParser
import Bench
import BoardProtocols
import Foundation

/// Where a measurement takes Espressif's loader stub from.
struct BenchStub: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Espressif's stub files (esptool's targets/stub_flasher/2); default: STATION_STUB_DIRECTORY, else those of "
                + "the esptool in STATION_VENV, else the ROM's own loader.", valueName: "dir"))
    var stubDirectory: String?

    /// The folder that holds the ESP32-C3's stub; nil = the ROM's loader is measured.
    /// - Throws: a validation error for a folder that was named and does not hold it.
    func locate(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> String? {
        for named in [stubDirectory, environment["STATION_STUB_DIRECTORY"]] {
            guard let named, !named.isEmpty else { continue }
            guard try EspressifStub(directory: named, chip: .esp32c3) != nil else {
                throw ValidationError("\(named) has no esp32c3.json; expected esptool's folder targets/stub_flasher/2")
            }
            return named
        }
        guard let environment = environment["STATION_VENV"] else { return nil }
        let library = environment + "/lib"
        for version in (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? [] {
            let folder = "\(library)/\(version)/site-packages/esptool/targets/stub_flasher/2"
            if try EspressifStub(directory: folder, chip: .esp32c3) != nil { return folder }
        }
        return nil
    }
}

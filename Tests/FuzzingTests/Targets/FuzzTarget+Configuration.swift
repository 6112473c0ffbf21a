import Bench
import Foundation
import Fuzzing
import Provisioning

@testable import station

extension FuzzTarget {
    private static let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Station")

    private static func files(_ names: [String]) -> [[UInt8]] {
        names.compactMap { try? Array(Data(contentsOf: home.appendingPathComponent($0))) }
    }

    /// `station.toml`: read, written, read again.
    static let stationTOML = FuzzTarget(
        "station-toml", limit: 8192,
        seeds: files(["station.toml"]) + [Array("[$cloud]\n".utf8), Array("[[#slots]]".utf8)],
        words: ["[[slots]]", "[", "]", "\"\"\"", "'''", " = ", "{ ", "inf", "nan", "1979-05-27", "0x", "[cloud]", "."],
        count: 250
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard
            let configuration = try orRefusal({ () throws(ConfigurationError) in
                try StationConfiguration(toml: text, file: "station.toml", folder: "/etc/line")
            })
        else { return }
        let again = try StationConfiguration(toml: configuration.toml, file: "again.toml", folder: "/elsewhere")
        try insist(again.toml, equals: configuration.toml, "a configuration read again")
    }

    /// Board profiles.
    static let profileTOML = FuzzTarget(
        "profile-toml", limit: 8192,
        seeds: files(
            ["esp32c3", "stm32-dfu", "nrf-smp", "esp-at", "lte-cat1", "at-external"].map { "boards/\($0).toml" }),
        words: ["[[flash.regions]]", "[identity]", "\"\"\"", " = ", "0x", "-", "inf", "nan", "{mac}", "(", ")+"],
        count: 250
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard
            let profile = try orRefusal({ () throws(ConfigurationError) in
                try BoardProfileFile.read(text, file: "board.toml")
            })
        else { return }
        for region in profile.flash.regions {
            try insist(region.offset >= 0 && region.size > 0, "a region at \(region.offset) of \(region.size)")
            try insist(region.offset + region.size <= 1 << 32, "a region beyond 4 GiB")
        }
    }

    /// The place of a slot's port in the text of a `station.toml`, which is rewritten byte for byte.
    static let slotMap = FuzzTarget(
        "slot-map", limit: 8192, seeds: files(["station.toml"]),
        words: ["[[slots]]", "name = \"1\"", "port", "\"\"\"", "'''", "#"],
        count: 300
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let wanted = "usb:1-1.4"
        guard
            let result = try orRefusal({ () throws(SlotMapWriter.Refusal) in
                try SlotMapWriter.rewrite(text, ports: ["1": wanted])
            })
        else { return }
        let again = try SlotMapWriter.rewrite(result.text, ports: ["1": wanted])
        try insist(again.changes.isEmpty, "a slot that is rewritten twice")
    }
}

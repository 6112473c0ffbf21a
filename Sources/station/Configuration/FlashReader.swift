import BoardProtocols
import Provisioning

/// Reads the `[flash]` table of a board profile: method, regions, credential, preserved regions.
struct FlashReader {
    /// The memory map; nil if a part of it was refused.
    let flash: BoardProfile.Flash?

    /// Bytes that the loader's 24-bit addresses reach.
    private static let addressable = 0x100_0000
    private static let sector = BoardProfile.Flash.sectorSize

    init(_ table: TableReader, chip: EspressifChip?) {
        let method = table.choice("method", of: BoardProfile.Flash.Method.self)
        let regionTables = table.tables("regions", count: 1...32)
        let regions = regionTables.map(Self.readRegion)
        let credential = Self.readCredential(table.table("credential"))
        let preserved = table.tables("preserve", count: 0...32).map(Self.readPreserved)
        table.finish()

        let log = table.log
        let path = table.path
        let areas =
            regions.compactMap { $0.map { BoardProfile.Area(name: $0.name, offset: $0.offset, size: $0.size) } }
            + [credential].compactMap { $0.map { BoardProfile.Area(name: $0.name, offset: $0.offset, size: $0.size) } }
            + preserved.compactMap { $0.map { BoardProfile.Area(name: $0.name, offset: $0.offset, size: $0.size) } }
        for area in areas where area.offset + area.size > Self.addressable {
            log.note(path, nil, "\(area.name) ends beyond 0x\(String(Self.addressable, radix: 16)), the loader's reach")
        }
        for conflict in BoardProfile.Flash.conflicts(among: areas) {
            log.note(path, nil, "\(conflict): expected areas that share no erase sector of \(Self.sector) bytes")
        }
        Self.noteDuplicates(areas.map(\.name), "name", path, log)
        Self.noteDuplicates(regions.compactMap { $0?.file }, "file", path, log)
        if let chip, !regions.contains(where: { $0 == nil }), !regionTables.isEmpty {
            let start = Int(chip.bootloaderOffset)
            let boots = regions.contains { region in
                region.map { ($0.offset..<$0.offset + $0.size).contains(start) } ?? false
            }
            if !boots {
                log.note(
                    table.path(of: "regions"), nil,
                    "expected one region at 0x\(String(start, radix: 16)), where \(chip.name) looks for its bootloader")
            }
        }

        let wholeRegions = regions.compactMap { $0 }
        let wholePreserved = preserved.compactMap { $0 }
        guard let method, let credential, wholeRegions.count == regions.count, wholePreserved.count == preserved.count
        else {
            flash = nil
            return
        }
        flash = BoardProfile.Flash(
            method: method, regions: wholeRegions, credential: credential, preserved: wholePreserved)
    }

    private static func readRegion(_ table: TableReader) -> BoardProfile.Region? {
        let place = readPlace(table)
        let file = table.string("file", expected: "a file's name without folders") { text in
            text.isEmpty || text.hasPrefix(".") || text.contains("/") || text.utf8.contains(0) ? nil : text
        }
        table.finish()
        guard let place, let file else { return nil }
        return BoardProfile.Region(name: place.name, offset: place.offset, size: place.size, file: file)
    }

    private static func readPreserved(_ table: TableReader) -> BoardProfile.PreservedRegion? {
        let place = readPlace(table)
        table.finish()
        return place.map { BoardProfile.PreservedRegion(name: $0.name, offset: $0.offset, size: $0.size) }
    }

    private static func readCredential(_ table: TableReader) -> BoardProfile.CredentialRegion? {
        // NVS needs three pages, of which one stays erased.
        let place = readPlace(table, smallest: 3 * sector)
        let format = table.choice("format", of: BoardProfile.CredentialRegion.Format.self)
        let namespace = table.string("namespace", expected: keyRule, keyName)
        let keys = table.table("keys")
        let productKey = keys.string("product_key", expected: keyRule, keyName)
        let productSecret = keys.string("product_secret", expected: keyRule, keyName)
        if let productKey, productKey == productSecret {
            keys.log.note(
                keys.path(of: "product_secret"), ConfigurationValue.quoted(productKey),
                "expected another key than product_key's")
        }
        keys.finish()
        table.finish()
        guard let place, let format, let namespace, let productKey, let productSecret else { return nil }
        return BoardProfile.CredentialRegion(
            name: place.name, offset: place.offset, size: place.size, format: format, namespace: namespace,
            productKeyName: productKey, productSecretName: productSecret)
    }

    private static func readPlace(_ table: TableReader, smallest: Int = sector) -> BoardProfile.Area? {
        let name = table.string("name", expected: "1 to 16 of A-Z a-z 0-9 - _") {
            StationConfiguration.name($0, extra: "-_", longest: 16)
        }
        let offset = table.integer("offset", in: 0...(addressable - sector), multiple: sector, unit: "bytes")
        let size = table.integer("size", in: smallest...addressable, multiple: sector, unit: "bytes")
        guard let name, let offset, let size else { return nil }
        return BoardProfile.Area(name: name, offset: offset, size: size)
    }

    private static let keyRule = "an NVS name, 1 to 15 of A-Z a-z 0-9 - _ ."

    private static func keyName(_ text: String) -> String? {
        StationConfiguration.name(text, extra: "-_.", longest: 15)
    }

    private static func noteDuplicates(_ names: [String], _ what: String, _ path: String, _ log: ProblemLog) {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            log.note(path, nil, "two areas have the \(what) \"\(name)\"; expected each only once")
        }
    }
}

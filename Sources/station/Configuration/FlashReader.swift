import BoardProtocols
import Provisioning

/// Reads the `[flash]` table of a board profile: method, regions, credential, preserved regions.
struct FlashReader {
    /// The memory map; nil if a part of it was refused.
    let flash: BoardProfile.Flash?

    private static let sector = BoardProfile.Flash.sectorSize

    init(_ table: TableReader, chip: EspressifChip?) {
        let method = table.choice("method", of: BoardProfile.Flash.Method.self)
        // The loader's 24-bit addresses, or the whole of a microcontroller's.
        let places = PlaceReader(
            addressable: [.stm32UART, .dfu, .external].contains(method) ? 0xFFFF_F000 : 0x100_0000,
            sector: table.integer(
                "sector_size", in: 256...0x40_0000, default: Self.sector, multiple: 256, unit: "bytes") ?? Self.sector)
        let regionTables = table.tables("regions", count: (method == BoardProfile.Flash.Method.none ? 0 : 1)...32)
        let regions = regionTables.map { Self.readRegion($0, places) }
        let credential = CredentialReader(table.table("credential"), places: places).credential
        let preserved = table.tables("preserve", count: 0...32).map { Self.readPreserved($0, places) }
        let tagTable = table.table("tag")
        let tag = table.has("tag") ? places.read(tagTable) : nil
        if table.has("tag") { tagTable.finish() }
        let tool = method == .external ? Self.readTool(table.table("tool")) : nil
        table.finish()

        let log = table.log
        let path = table.path
        var areas = regions.compactMap { $0 }.map {
            BoardProfile.Area(name: $0.name, offset: $0.offset, size: $0.size, sector: $0.sector)
        }
        if case .region(let region)? = credential {
            areas.append(
                BoardProfile.Area(name: region.name, offset: region.offset, size: region.size, sector: region.sector))
        }
        if let tag { areas.append(tag) }
        areas += preserved.compactMap { $0 }.map {
            BoardProfile.Area(name: $0.name, offset: $0.offset, size: $0.size, sector: $0.sector)
        }
        for area in areas where area.offset + area.size > places.addressable {
            log.note(
                path, nil, "\(area.name) ends beyond 0x\(String(places.addressable, radix: 16)), the loader's reach")
        }
        for conflict in BoardProfile.Flash.conflicts(among: areas) {
            log.note(
                path, nil,
                "\(conflict): expected areas that share no erase sector of "
                    + "\(max(conflict.first.sector, conflict.second.sector)) bytes")
        }
        Self.noteDuplicates(areas.map(\.name), "name", path, log)
        Self.noteDuplicates(regions.compactMap { $0?.file }, "file", path, log)
        if let method, let credential, !Self.takes(credential, method) {
            log.note(
                table.path(of: "credential.format"), ConfigurationValue.quoted(credential.formatName),
                "expected \(Self.formats(of: method).joined(separator: " or ")) with flash method \"\(method.rawValue)\""
            )
        }
        if tag != nil, let method, !method.readsTag {
            log.note(
                table.path(of: "tag"), nil,
                "expected none: flash method \"\(method.rawValue)\" cannot read a unit tag back")
        }
        if case .marker(let place)? = credential, !regions.contains(where: { $0?.name == place.region }) {
            log.note(
                table.path(of: "credential.region"), ConfigurationValue.quoted(place.region),
                "expected the name of one of flash.regions")
        }
        if let chip, method == .espressif, !regions.contains(where: { $0 == nil }), !regionTables.isEmpty {
            Self.noteMissingBootloader(regions.compactMap { $0 }, chip, table)
        }

        let wholeRegions = regions.compactMap { $0 }
        let wholePreserved = preserved.compactMap { $0 }
        guard let method, let credential, wholeRegions.count == regions.count,
            wholePreserved.count == preserved.count, (method == .external) == (tool != nil)
        else {
            flash = nil
            return
        }
        flash = BoardProfile.Flash(
            method: method, regions: wholeRegions, credential: credential, preserved: wholePreserved, tag: tag,
            tool: tool)
    }

    /// The credential formats that a flash method can write, as the file names them.
    private static func formats(of method: BoardProfile.Flash.Method) -> [String] {
        switch method {
        case .espressif: ["nvs", "key-value", "marker"]
        case .stm32UART, .dfu: ["key-value", "marker"]
        case .smp: ["smp-settings"]
        case .external: ["at-sysmfg", "at-template", "nvs", "key-value", "marker"]
        case .espAT, .none: ["at-sysmfg", "at-template"]
        }
    }

    private static func takes(_ credential: BoardProfile.Credential, _ method: BoardProfile.Flash.Method) -> Bool {
        let name = credential.formatName.split(separator: " ").first.map(String.init) ?? ""
        return formats(of: method).contains(name)
    }

    private static func noteMissingBootloader(
        _ regions: [BoardProfile.Region], _ chip: EspressifChip, _ table: TableReader
    ) {
        let start = Int(chip.bootloaderOffset)
        guard !regions.contains(where: { ($0.offset..<$0.offset + $0.size).contains(start) }) else { return }
        table.log.note(
            table.path(of: "regions"), nil,
            "expected one region at 0x\(String(start, radix: 16)), where \(chip.name) looks for its bootloader")
    }

    private static func readRegion(_ table: TableReader, _ places: PlaceReader) -> BoardProfile.Region? {
        let place = places.read(table)
        let file = table.string("file", expected: "a file's name without folders") { text in
            text.isEmpty || text.hasPrefix(".") || text.contains("/") || text.utf8.contains(0) ? nil : text
        }
        table.finish()
        guard let place, let file else { return nil }
        return BoardProfile.Region(
            name: place.name, offset: place.offset, size: place.size, file: file, sector: place.sector)
    }

    private static func readPreserved(_ table: TableReader, _ places: PlaceReader) -> BoardProfile.PreservedRegion? {
        let place = places.read(table)
        table.finish()
        return place.map {
            BoardProfile.PreservedRegion(name: $0.name, offset: $0.offset, size: $0.size, sector: $0.sector)
        }
    }

    /// The table `[flash.tool]`.
    private static func readTool(_ table: TableReader) -> BoardProfile.ExternalTool? {
        let program = table.string("program", expected: "a program's name without folders") { text in
            text.isEmpty || text.contains("/") || text.hasPrefix("-") ? nil : text
        }
        let version = table.words("version", isOptional: false)
        let versionPattern = table.pattern(
            "version_pattern", expected: "a regular expression with one capture group", captures: 1)
        let write = table.words("write", isOptional: false)
        let verify = table.words("verify", isOptional: true) ?? []
        let read = table.words("read", isOptional: true) ?? []
        let progress = table.pattern(
            "progress", expected: "a regular expression with one capture group", isOptional: true, captures: 1)
        let limit = table.integer("limit_seconds", in: 5...3600, default: 300, unit: "seconds")
        if verify.isEmpty == read.isEmpty {
            table.log.note(
                table.path(of: "verify"), nil,
                "expected either verify or read: what was written must be compared with the image")
        }
        table.finish()
        guard let program, let version, let versionPattern, let write, let limit, verify.isEmpty != read.isEmpty else {
            return nil
        }
        return BoardProfile.ExternalTool(
            program: program, versionArguments: version, versionPattern: versionPattern, write: write, verify: verify,
            read: read, progress: progress, limit: .seconds(limit))
    }

    private static func noteDuplicates(_ names: [String], _ what: String, _ path: String, _ log: ProblemLog) {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            log.note(path, nil, "two areas have the \(what) \"\(name)\"; expected each only once")
        }
    }
}

/// Reads where an area lies: `name`, `offset`, `size`, and `sector_size` where it differs from the flash's.
struct PlaceReader {
    /// Where addresses end.
    let addressable: Int
    /// Bytes that are erased together, unless the area says otherwise.
    let sector: Int

    func read(_ table: TableReader, smallest: Int? = nil) -> BoardProfile.Area? {
        let name = table.string("name", expected: "1 to 16 of A-Z a-z 0-9 - _") {
            StationConfiguration.name($0, extra: "-_", longest: 16)
        }
        let sector =
            table.integer("sector_size", in: 256...0x40_0000, default: sector, multiple: 256, unit: "bytes") ?? sector
        let offset = table.integer("offset", in: 0...(addressable - sector), multiple: sector, unit: "bytes")
        let size = table.integer("size", in: (smallest ?? sector)...addressable, multiple: sector, unit: "bytes")
        guard let name, let offset, let size else { return nil }
        return BoardProfile.Area(name: name, offset: offset, size: size, sector: sector)
    }
}

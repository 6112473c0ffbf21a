import Foundation

extension StationConfiguration {
    /// Checks the text of a `station.toml`.
    /// - Parameters:
    ///   - file: how the file is named in problems.
    ///   - folder: the absolute folder that relative paths start from.
    /// - Throws: ``ConfigurationError`` with every problem at once.
    init(toml text: String, file: String, folder: String) throws(ConfigurationError) {
        let log = ProblemLog()
        let root = TableReader(try ConfigurationValue.table(fromTOML: text, file: file), log: log)
        let paths = PathRule(folder: folder)

        let station = root.table("station")
        let id = station.string("id", expected: "1 to 32 of A-Z a-z 0-9 -") { Self.name($0, extra: "-", longest: 32) }
        let data = station.string("data", expected: "a folder", paths.absolute)
        let witness = station.string("head_witness", expected: "a file outside the data folder", isOptional: true) {
            paths.absolute($0).flatMap { path in path.hasPrefix((data ?? "") + "/") ? nil : path }
        }
        station.finish()

        let vault = VaultSettings(root.table("vault"), paths)
        let cloud = CloudReader(root.table("cloud"), paths).cloud

        let flash = root.table("flash")
        let espressif = flash.table("espressif")
        let stubs = espressif.string("stub_directory", expected: "a folder", isOptional: true, paths.absolute)
        espressif.finish()
        flash.finish()

        let slots = root.tables("slots", count: 1...32).map(SlotReader.init)
        let limits = Self.readLimits(root.table("limits"))
        let watch = Self.readWatch(root.table("watch"))
        let network = Self.readNetwork(root)
        let hasPage = root.has("operator")
        let page = root.table("operator")
        let served = hasPage ? OperatorReader(page, paths).configuration : nil
        let tools = Self.readTools(root.table("tools"), paths)
        let calls = CallsReader(root, paths).calls
        let shifts = ShiftsReader(root).calendar
        root.finish()
        SlotReader.noteDuplicates(slots, log)

        let complete = slots.compactMap(\.slot)
        guard log.problems.isEmpty, let id, let data, let cloud, let limits, let watch,
            complete.count == slots.count
        else {
            throw ConfigurationError(file: file, problems: log.problems)
        }
        self.init(
            id: id, dataFolder: data, cloud: cloud, stubDirectory: stubs, slots: complete, limits: limits, watch: watch,
            shifts: shifts,
            tools: tools, network: network, calls: calls, page: served)
        headWitness = witness
        self.vault = vault
    }

    private static func readLimits(_ table: TableReader) -> Limits? {
        let standard = Limits.standard
        let runs = table.integer("runs_per_unit", in: 1...20, default: standard.runsPerUnit)
        let hold = table.integer(
            "hold_after_seconds", in: 10...3600, default: Int(standard.holdAfter.components.seconds), unit: "seconds")
        let space = 1...(1 << 24)
        let warn = table.integer("disk_warn_mib", in: space, default: standard.diskWarnMiB, unit: "MiB")
        let stop = table.integer("disk_stop_mib", in: space, default: standard.diskStopMiB, unit: "MiB")
        table.finish()
        guard let runs, let hold, let warn, let stop else { return nil }
        return Limits(runsPerUnit: runs, holdAfter: .seconds(hold), diskWarnMiB: warn, diskStopMiB: stop)
    }

    /// The table `[tools]`: program names and where they stand.
    private static func readTools(_ table: TableReader, _ paths: PathRule) -> [String: String] {
        var tools: [String: String] = [:]
        for name in table.keys {
            tools[name] = table.string(name, expected: "a program's path", paths.absolute)
        }
        table.finish()
        return tools
    }

    private static func readNetwork(_ root: TableReader) -> Network? {
        let table = root.table("network")
        guard root.has("network") else { return nil }
        let ssid = table.string("ssid", expected: "a network's name of 1 to 32 bytes without blanks") { text in
            (1...32).contains(text.utf8.count) && text.allSatisfy { !$0.isWhitespace && !$0.isNewline } ? text : nil
        }
        let expected = "\"socket://HOST:PORT\", or a command as a list of strings"
        var probe: Network.Probe?
        if let value = table.any("probe", expected: expected, isOptional: true) {
            if case .string(let text) = value, let endpoint = HostPort(socketURL: text) {
                probe = .socket(endpoint)
            } else if case .array = value, let words = table.words("probe", isOptional: false) {
                probe = .command(words)
            } else {
                table.noteType("probe", value, expected: expected)
            }
        }
        table.finish()
        return ssid.map { Network(ssid: $0, probe: probe) }
    }

    private static func readWatch(_ table: TableReader) -> Watch? {
        let interval = table.integer(
            "interval_seconds", in: 10...86_400, default: Int(Watch.standard.interval.components.seconds),
            unit: "seconds")
        table.finish()
        return interval.map { Watch(interval: .seconds($0)) }
    }

    /// `text` if it has 1 to `longest` ASCII letters, digits and characters of `extra`.
    static func name(_ text: String, extra: String, longest: Int) -> String? {
        let isAllowed = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || extra.contains($0)) }
        return isAllowed && (1...longest).contains(text.count) ? text : nil
    }
}

/// Makes paths absolute from the folder of the file in which they stand.
struct PathRule {
    let folder: String

    func absolute(_ text: String) -> String? {
        guard !text.isEmpty, !text.utf8.contains(0) else { return nil }
        return lexicallyAbsolute(text, in: folder)
    }
}

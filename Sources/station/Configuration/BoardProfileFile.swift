import BoardProtocols
import Foundation
import Provisioning

/// Reads a board profile from its TOML file, with every problem at once.
enum BoardProfileFile {
    /// Reads and checks the file; the profile's name must be the file's.
    /// - Throws: ``ConfigurationError``.
    static func load(_ file: String) throws(ConfigurationError) -> BoardProfile {
        let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        return try read(try StationConfiguration.readText(file), file: file, name: name)
    }

    /// Checks the text of a profile.
    /// - Parameters:
    ///   - file: how the file is named in problems.
    ///   - expectedName: the name the profile must have; nil = any.
    /// - Throws: ``ConfigurationError``.
    static func read(
        _ text: String, file: String, name expectedName: String? = nil
    ) throws(ConfigurationError) -> BoardProfile {
        let log = ProblemLog()
        let root = TableReader(try ConfigurationValue.table(fromTOML: text, file: file), log: log)
        let nameRule = expectedName.map { "\"\($0)\", as the file is named" } ?? "1 to 64 of A-Z a-z 0-9 - _ ."
        let name = root.string("name", expected: nameRule) { text -> String? in
            if let expectedName, text != expectedName { return nil }
            return StationConfiguration.name(text, extra: "-_.", longest: 64)
        }
        let titleZh = root.text("title_zh", expected: "what the board is called in Chinese")
        let titleEn = root.text("title_en", expected: "what the board is called in English")
        let method = root.table("flash").peek("method").flatMap { BoardProfile.Flash.Method(rawValue: $0) }
        let isEspressif = method == nil || method == .espressif
        let chipRule =
            isEspressif ? "one of \(chips.map(\.stubName).joined(separator: ", "))" : "1 to 32 of A-Z a-z 0-9 - _ ."
        let chipName = root.string("chip", expected: chipRule) { text in
            isEspressif
                ? chips.first { $0.stubName == text }?.stubName
                : StationConfiguration.name(text, extra: "-_.", longest: 32)
        }
        let chip = isEspressif ? chips.first { $0.stubName == chipName } : nil
        let usb = readUSB(root)
        if method == .dfu, usb.isEmpty {
            log.note(
                root.path(of: "usb"), nil, "missing; expected the VID:PID of the board's loader, such as 0483:df11")
        }
        let linesReset = root.has("lines_reset") ? root.boolean("lines_reset") : method.map(\.readsIdentity) ?? true
        root.allow("lines_reset")
        let macBlock = root.integer("mac_block", in: 1...8, default: chip?.addressesPerBoard ?? 1, unit: "addresses")
        let identity = IdentityReader.read(root.table("identity"), chip: chip, method: method ?? .espressif)
        let rule = IdentityReader.readDeviceName(root.table("device_name"), kind: identity?.kind)
        let flash = FlashReader(root.table("flash"), chip: chip).flash
        let console = ConsoleTablesReader.readConsole(root.table("console"))
        let relay = ConsoleTablesReader.readRelay(root)
        let network = ConsoleTablesReader.readNetwork(root)
        let ship = ConsoleTablesReader.readShipChecks(root)
        let labelTable = root.table("label")
        let label =
            root.has("label")
            ? labelTable.pattern(
                "pattern", expected: "a regular expression with one capture group for the board's name", captures: 1)
            : nil
        if root.has("label") { labelTable.finish() }
        root.allow("label")
        let budgets = readBudgets(root.table("budgets"))
        root.finish()
        guard log.problems.isEmpty, let name, let titleZh, let titleEn, let chipName, let macBlock, let identity,
            let rule, let flash, let console, let budgets, let linesReset
        else { throw ConfigurationError(file: file, problems: log.problems) }
        return BoardProfile(
            name: name, titleZh: titleZh, titleEn: titleEn, chip: chipName, usbIDs: usb, linesReset: linesReset,
            identity: identity,
            deviceName: rule, macBlock: macBlock, flash: flash, console: console, relay: relay, network: network,
            shipChecks: ship, budgets: budgets, label: label)
    }

    private static let chips = EspressifChip.all

    /// The list `usb`, `VID:PID` each.
    private static func readUSB(_ root: TableReader) -> [String] {
        let words = root.words("usb", isOptional: true) ?? []
        for word in words where word.wholeMatch(of: /[0-9a-f]{4}:[0-9a-f]{4}/) == nil {
            root.log.note(
                root.path(of: "usb"), ConfigurationValue.quoted(word),
                "expected VID:PID in lower-case hexadecimal, such as 0483:df11")
        }
        return words
    }

    private static func readBudgets(_ table: TableReader) -> BoardProfile.Budgets? {
        let connect = table.integer("connect_seconds", in: 1...120, default: 15, unit: "seconds")
        let boot = table.integer("boot_seconds", in: 1...600, default: 20, unit: "seconds")
        let activate = table.integer("activate_seconds", in: 5...600, default: 60, unit: "seconds")
        table.finish()
        guard let connect, let boot, let activate else { return nil }
        return BoardProfile.Budgets(connect: .seconds(connect), boot: .seconds(boot), activate: .seconds(activate))
    }
}

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
        let chip = root.string("chip", expected: "one of \(chips.map(\.stubName).joined(separator: ", "))") { text in
            chips.first { $0.stubName == text }
        }
        let macBlock = root.integer("mac_block", in: 1...8, default: chip?.addressesPerBoard ?? 1, unit: "addresses")
        let identity = readIdentity(root.table("identity"), chip: chip)
        let rule = readDeviceName(root.table("device_name"), kind: identity?.kind)
        let flash = FlashReader(root.table("flash"), chip: chip).flash
        let console = readConsole(root.table("console"))
        let relay = readRelay(root)
        let budgets = readBudgets(root.table("budgets"))
        root.finish()
        guard log.problems.isEmpty, let name, let titleZh, let titleEn, let chip, let macBlock, let identity, let rule,
            let flash, let console, let budgets
        else { throw ConfigurationError(file: file, problems: log.problems) }
        return BoardProfile(
            name: name, titleZh: titleZh, titleEn: titleEn, chip: chip.stubName, identity: identity, deviceName: rule,
            macBlock: macBlock, flash: flash, console: console, relay: relay, budgets: budgets)
    }

    private static let chips = EspressifChip.all

    private static func readIdentity(_ table: TableReader, chip: EspressifChip?) -> BoardProfile.IdentityReading? {
        let kind = table.choice("kind", of: Identity.Kind.self)
        let source = table.choice("source", of: BoardProfile.IdentityReading.Source.self)
        let isIndependent = table.boolean("uid_independent")
        let pattern = table.string("pattern", expected: "a regular expression", isOptional: kind != .sn) { text in
            // An empty expression would let an empty number pass.
            text.isEmpty || (try? Regex(text)) == nil ? nil : text
        }
        defer { table.finish() }
        guard let kind, let source, let isIndependent else { return nil }
        if (kind == .mac) != (source == .efuseMAC) {
            let right: BoardProfile.IdentityReading.Source = kind == .mac ? .efuseMAC : .efuseBlock3
            table.log.note(
                table.path(of: "source"), "\"\(source.rawValue)\"",
                "expected \"\(right.rawValue)\" for identity kind \"\(kind.rawValue)\"")
        }
        if source == .efuseBlock3, let chip, chip.userBlock == nil {
            table.log.note(table.path(of: "source"), "\"\(source.rawValue)\"", "\(chip.name) has no such eFuse block")
        }
        if kind != .sn, let pattern {
            table.log.note(
                table.path(of: "pattern"), ConfigurationValue.quoted(pattern), "only a serial number has a pattern")
        }
        return BoardProfile.IdentityReading(
            kind: kind, source: source, pattern: pattern, isUIDIndependent: isIndependent)
    }

    private static func readDeviceName(_ table: TableReader, kind: Identity.Kind?) -> DeviceNameRule? {
        defer { table.finish() }
        let text = table.text("rule", expected: "text around one of {mac}, {imei}, {sn}, {iccid}")
        guard let text else { return nil }
        let path = table.path(of: "rule")
        let rule: DeviceNameRule
        do {
            rule = try DeviceNameRule(text)
        } catch {
            table.log.note(path, nil, error.description)
            return nil
        }
        if let kind, rule.kind != kind {
            table.log.note(
                path, ConfigurationValue.quoted(text), "expected {\(kind.rawValue)}, the identity that is read")
            return nil
        }
        // A name that is too long or has a forbidden character shows on any identity of the kind.
        let samples = [Identity.Kind.mac: "24:6F:28:00:00:04", .imei: "490154203237518", .iccid: "8986001234567890120"]
        if let sample = samples[rule.kind], let identity = try? Identity(kind: rule.kind, value: sample) {
            do {
                _ = try rule.name(for: identity)
            } catch {
                table.log.note(
                    path, ConfigurationValue.quoted(text),
                    "gives \"\(error.received)\", which the cloud refuses: expected \(error.expected)")
            }
        }
        return rule
    }

    private static func readConsole(_ table: TableReader) -> BoardProfile.Console? {
        let baud = table.integer("baud", in: 9600...4_000_000, default: 115200, unit: "bits per second")
        let ready = readPattern(
            table, "ready", expected: "a regular expression for the line that says the firmware is up")
        let version = readPattern(
            table, "version", expected: "a regular expression with one capture group", isOptional: true, captures: 1)
        let errors = table.tables("errors", count: 0...64).compactMap { entry -> BoardProfile.ErrorLine? in
            let pattern = readPattern(entry, "pattern", expected: "a regular expression")
            let code = entry.string("code", expected: "a failure code of the boot or activate step, such as BT-102") {
                $0.hasPrefix("BT-") || $0.hasPrefix("AC-") ? FailureCode(known: $0) : nil
            }
            entry.finish()
            guard let pattern, let code else { return nil }
            return BoardProfile.ErrorLine(pattern: pattern, code: code)
        }
        table.finish()
        guard let baud, let ready else { return nil }
        return BoardProfile.Console(baud: baud, ready: ready, version: version, errors: errors)
    }

    private static func readPattern(
        _ table: TableReader, _ key: String, expected: String, isOptional: Bool = false, captures: Int? = nil
    ) -> ConsolePattern? {
        table.string(key, expected: expected, isOptional: isOptional) { text in
            guard let pattern = try? ConsolePattern(text), captures.map({ $0 == pattern.captureCount }) ?? true else {
                return nil
            }
            return pattern
        }
    }

    /// The table `[relay]`, which a board with a network of its own need not have.
    private static func readRelay(_ root: TableReader) -> BoardProfile.Relay? {
        let table = root.table("relay")
        guard root.has("relay") else { return nil }
        func line(_ key: String, _ marks: String...) -> String? {
            let expected = "one line of 1 to 200 characters with \(marks.joined(separator: " and "))"
            return table.string(key, expected: expected) { text in
                let isLine = (1...200).contains(text.count) && !text.contains(where: \.isNewline)
                return isLine && marks.allSatisfy(text.contains) ? text : nil
            }
        }
        let handOver = line("hand_over", "{device_secret}")
        let pair = line("hand_over_pair", "{client_id}", "{device_token}")
        let stored = readPattern(table, "stored", expected: "a regular expression")
        let prove = line("prove", "{nonce}")
        let proof = readPattern(
            table, "proof", expected: "a regular expression with one group for the 64 digits", captures: 1)
        let answer = table.integer("answer_seconds", in: 1...60, default: 5, unit: "seconds")
        table.finish()
        guard let handOver, let pair, let stored, let prove, let proof, let answer else { return nil }
        return BoardProfile.Relay(
            handOver: handOver, handOverPair: pair, stored: stored, prove: prove, proof: proof,
            answer: .seconds(answer))
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

import BoardProtocols
import Provisioning

/// Reads `[identity]` and `[device_name]` of a board profile.
enum IdentityReader {
    static func read(
        _ table: TableReader, chip: EspressifChip?, method: BoardProfile.Flash.Method?
    ) -> BoardProfile.IdentityReading? {
        let kind = table.choice("kind", of: Identity.Kind.self)
        let source = table.choice("source", of: BoardProfile.IdentityReading.Source.self)
        let isIndependent = table.boolean("uid_independent")
        let pattern = table.string("pattern", expected: "a regular expression", isOptional: kind != .sn) { text in
            // An empty expression would let an empty number pass.
            text.isEmpty || (try? Regex(text)) == nil ? nil : text
        }
        let asks = source == .at || source == .smp
        let oneGroup = "a regular expression with one capture group"
        let command = asks ? table.text("command", expected: "a command", isOptional: source == .at) : nil
        let answer =
            asks || source == .console
            ? table.pattern("answer", expected: oneGroup, isOptional: source == .at, captures: 1) : nil
        let uidCommand = asks ? table.text("uid_command", expected: "a command", isOptional: true) : nil
        let uidAnswer =
            source == .smp
            ? table.pattern("uid_answer", expected: oneGroup, isOptional: uidCommand == nil, captures: 1) : nil
        let iccid = source == .at ? table.text("iccid_command", expected: "a command", isOptional: true) : nil
        let takesMemory = source == .memory || (source == .chipUID && method == .dfu)
        let memory = takesMemory ? readMemory(table.table("memory")) : nil
        defer { table.finish() }
        guard let kind, let source, let isIndependent else { return nil }
        noteUnfit(kind, source, pattern, chip, method, table)
        return BoardProfile.IdentityReading(
            kind: kind, source: source, pattern: pattern, isUIDIndependent: isIndependent, command: command,
            answer: answer, uidCommand: uidCommand, uidAnswer: uidAnswer, iccidCommand: iccid, memory: memory)
    }

    private static func noteUnfit(
        _ kind: Identity.Kind, _ source: BoardProfile.IdentityReading.Source, _ pattern: String?,
        _ chip: EspressifChip?, _ method: BoardProfile.Flash.Method?, _ table: TableReader
    ) {
        let sources = sources(of: kind, method: method)
        if let method, !sources.contains(source) {
            let allowed = sources.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
            table.log.note(
                table.path(of: "source"), "\"\(source.rawValue)\"",
                "expected \(allowed) for identity kind \"\(kind.rawValue)\""
                    + (method == .espressif ? "" : " with flash method \"\(method.rawValue)\""))
        }
        if source == .efuseBlock3, let chip, chip.userBlock == nil {
            table.log.note(table.path(of: "source"), "\"\(source.rawValue)\"", "\(chip.name) has no such eFuse block")
        }
        if kind != .sn, let pattern {
            table.log.note(
                table.path(of: "pattern"), ConfigurationValue.quoted(pattern), "only a serial number has a pattern")
        }
    }

    /// Where an identity may stand: a loader that can tell is asked, before the firmware is.
    private static func sources(
        of kind: Identity.Kind, method: BoardProfile.Flash.Method?
    ) -> [BoardProfile.IdentityReading.Source] {
        switch (method, kind) {
        case (.espressif?, .mac): [.efuseMAC]
        case (.espressif?, _): [.efuseBlock3]
        case (.stm32UART?, .sn): [.chipUID, .memory]
        case (.stm32UART?, _): [.memory]
        case (.dfu?, .sn): [.chipUID, .usbSerial]
        case (.dfu?, _): [.usbSerial]
        case (.smp?, _): [.smp]
        case (.espAT?, _), (.external?, _), (BoardProfile.Flash.Method.none?, _): [.at]
        case (nil, _): []
        }
    }

    private static func readMemory(_ table: TableReader) -> BoardProfile.MemoryPlace? {
        let address = table.integer("address", in: 0...0xFFFF_FFFF)
        let length = table.integer("length", in: 4...64, unit: "bytes")
        table.finish()
        guard let address, let length else { return nil }
        return BoardProfile.MemoryPlace(address: address, length: length)
    }

    static func readDeviceName(_ table: TableReader, kind: Identity.Kind?) -> DeviceNameRule? {
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
}

import BoardProtocols

/// ESP-AT. Source: ESP-AT user guide, "Basic AT Commands" and "Wi-Fi AT Commands".
extension ATModule {
    mutating func performWiFi(_ text: String) -> Answer {
        let name = String(text.prefix { $0 != "=" && $0 != "?" }).uppercased()
        let isQuery = text.hasSuffix("?")
        let arguments = Self.arguments(text)
        switch name {
        case "AT+GMR":
            return .lines([
                "AT version:4.0.0.0(b6b1e6e - ESP32C3)", "SDK version:v5.0.6", "compile time(6118fc22):Sep 29 2024",
                "Bin version:v4.0.0.0(MINI-1)",
            ])
        case "AT+CIPSTAMAC" where isQuery: return .lines(["+CIPSTAMAC:\"\(settings.mac)\""])
        case "AT+CWMODE":
            if isQuery { return .lines(["+CWMODE:\(mode)"]) }
            guard let value = arguments.first.flatMap({ Int($0) }), (0...3).contains(value) else { return .error(50) }
            mode = value
            return .lines([])
        case "AT+CWJAP":
            if isQuery { return .lines([ssid.map { "+CWJAP:\"\($0)\",\"aa:bb:cc:00:11:22\",1,-40,0" } ?? "No AP"]) }
            guard let wanted = arguments.first, !wanted.isEmpty else { return .error(50) }
            ssid = wanted
            if storesNetwork {
                guard
                    case .lines = change(
                        "mfg_nvs",
                        { editor throws(NVSError) in
                            try editor.set(.string(wanted), key: "ssid", in: "wifi")
                        })
                else { return .error(50) }
            }
            pendingEvents.append(.joined(ssid: wanted))
            return .lines(["WIFI CONNECTED", "WIFI GOT IP"])
        case "AT+SYSSTORE":
            guard let value = arguments.first, ["0", "1"].contains(value) else { return .error(50) }
            storesNetwork = value == "1"
            return .lines([])
        case "AT+CWQAP":
            if ssid != nil { pendingEvents.append(.left) }
            ssid = nil
            return .lines(["WIFI DISCONNECT"])
        case "AT+SYSFLASH": return isQuery ? listPartitions() : flashCommand(arguments)
        case "AT+SYSMFG": return isQuery ? listNamespaces() : manufacturingCommand(arguments)
        case "AT+RST": return .reset
        case "AT+RESTORE":
            ssid = nil
            return .reset
        default: return .error(58)
        }
    }

    // MARK: - AT+SYSFLASH

    private func listPartitions() -> Answer {
        .lines(
            settings.partitions.map {
                "+SYSFLASH:\"\($0.label)\",\($0.type),\($0.subtype),0x\(hex($0.offset)),0x\(hex($0.size))"
            })
    }

    private func flashCommand(_ arguments: [String]) -> Answer {
        guard arguments.count >= 2, let operation = Int(arguments[0]),
            let place = settings.partitions.first(where: { $0.label == arguments[1] })
        else { return .error(50) }
        let numbers = arguments.dropFirst(2).compactMap { Int($0) }
        if operation == 0, arguments.count == 2 {
            return flash.erase(place.offset, place.size) ? .lines([]) : .error(50)
        }
        guard numbers.count == 2, numbers[0] >= 0, numbers[1] > 0, numbers[0] + numbers[1] <= place.size else {
            return .error(50)
        }
        let offset = place.offset + numbers[0]
        switch operation {
        case 0:
            guard numbers.allSatisfy({ $0.isMultiple(of: FlashChip.sector) }) else { return .error(50) }
            return flash.erase(offset, numbers[1]) ? .lines([]) : .error(50)
        case 1: return .data(numbers[1], .flash(offset: offset), prompt: ">")
        case 2: return .raw(Array("+SYSFLASH:\(numbers[1]),".utf8) + flash.read(offset, numbers[1]))
        default: return .error(50)
        }
    }

    // MARK: - AT+SYSMFG

    private func listNamespaces() -> Answer {
        var names: [String] = []
        for entry in contents("mfg_nvs")?.entries ?? [] where !names.contains(entry.namespace) {
            names.append(entry.namespace)
        }
        return .lines(names.map { "+SYSMFG:\"\($0)\"" })
    }

    private func manufacturingCommand(_ arguments: [String]) -> Answer {
        guard arguments.count >= 2, let operation = Int(arguments[0]) else { return .error(50) }
        let namespace = arguments[1]
        switch operation {
        case 0:
            let keys = (contents("mfg_nvs")?.entries ?? []).filter { $0.namespace == namespace }.map(\.key)
                .filter { arguments.count < 3 || $0 == arguments[2] }
            return change("mfg_nvs") { editor throws(NVSError) in
                for key in keys { try editor.remove(key, in: namespace) }
            }
        case 1: return readManufacturing(namespace, arguments)
        case 2:
            guard arguments.count == 5, let type = Int(arguments[3]), let number = Int(arguments[4]) else {
                return .error(50)
            }
            let key = arguments[2]
            if type == 7 || type == 8 {
                guard (0...3900).contains(number) else { return .error(50) }
                return .data(number, .manufacturing(namespace: namespace, key: key, type: type), prompt: ">")
            }
            guard let value = Self.number(number, type: type) else { return .error(50) }
            return change("mfg_nvs") { editor throws(NVSError) in try editor.set(value, key: key, in: namespace) }
        default: return .error(50)
        }
    }

    private func readManufacturing(_ namespace: String, _ arguments: [String]) -> Answer {
        let entries = (contents("mfg_nvs")?.entries ?? []).filter { $0.namespace == namespace }
        guard arguments.count > 2 else {
            guard !entries.isEmpty else { return .error(50) }
            return .lines(entries.map { "+SYSMFG:\"\(namespace)\",\"\($0.key)\",\(Self.form($0.value).type)" })
        }
        guard let entry = entries.first(where: { $0.key == arguments[2] }) else { return .error(50) }
        var (type, bytes) = Self.form(entry.value)
        if arguments.count == 5, let offset = Int(arguments[3]), let count = Int(arguments[4]), offset <= bytes.count {
            bytes = Array(bytes.dropFirst(offset).prefix(count))
        }
        return .raw(Array("+SYSMFG:\"\(namespace)\",\"\(entry.key)\",\(type),\(bytes.count),".utf8) + bytes)
    }

    private static func number(_ value: Int, type: Int) -> NVSValue? {
        switch type {
        case 1: UInt8(exactly: value).map { .u8($0) }
        case 2: Int8(exactly: value).map { .i8($0) }
        case 3: UInt16(exactly: value).map { .u16($0) }
        case 4: Int16(exactly: value).map { .i16($0) }
        case 5: UInt32(exactly: value).map { .u32($0) }
        case 6: Int32(exactly: value).map { .i32($0) }
        default: nil
        }
    }

    private static func form(_ value: NVSValue) -> (type: Int, bytes: [UInt8]) {
        switch value {
        case .u8(let number): (1, Array(String(number).utf8))
        case .i8(let number): (2, Array(String(number).utf8))
        case .u16(let number): (3, Array(String(number).utf8))
        case .i16(let number): (4, Array(String(number).utf8))
        case .u32(let number): (5, Array(String(number).utf8))
        case .i32(let number): (6, Array(String(number).utf8))
        case .u64(let number): (5, Array(String(number).utf8))
        case .i64(let number): (6, Array(String(number).utf8))
        case .string(let text): (7, Array(text.utf8))
        case .blob(let bytes): (8, bytes)
        }
    }
}

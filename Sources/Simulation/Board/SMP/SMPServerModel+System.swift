import BoardProtocols

extension SMPServerModel {
    mutating func handleOS(_ request: SMPMessage) throws(SMPRefusal) -> Outcome {
        switch request.command {
        case SMPGroup.OS.echo:
            guard let text = request.body["d"]?.text else { throw .invalid }
            return Outcome([.init("r", .text(text))])
        case SMPGroup.OS.reset where request.operation == .write:
            guard mode == .application else { return Outcome([.init("rc", .integer(0))], after: .run) }
            boot()
            return Outcome(after: .restart)
        case SMPGroup.OS.parameters where mode == .application:
            return Outcome([.init("buf_size", .integer(Int64(bufferSize))), .init("buf_count", .integer(4))])
        case SMPGroup.OS.info where mode == .application:
            return Outcome([.init("output", .text(info(request.body["format"]?.text ?? "s")))])
        case SMPGroup.OS.bootloaderInfo where mode == .application:
            guard let query = request.body["query"]?.text else {
                return Outcome([.init("bootloader", .text("MCUboot"))])
            }
            guard query == "mode" else { throw SMPRefusal(group: SMPGroup.os, code: 3) }
            return Outcome([.init("mode", .integer(3))])
        default: throw .notSupported
        }
    }

    /// Kernel, host name and version by the letters of `uname`.
    private func info(_ format: String) -> String {
        let facts: [Character: String] = ["s": "Zephyr", "n": "zephyr", "v": "v4.1.0", "m": "arm", "p": "cortex-m33"]
        return format.compactMap { facts[$0] }.joined(separator: " ")
    }

    mutating func handleSettings(_ request: SMPMessage) throws(SMPRefusal) -> Outcome {
        let name = request.body["name"]?.text
        switch (request.command, request.operation) {
        case (SMPGroup.Settings.value, .read):
            guard let name, let value = settings.values[name] else {
                throw SMPRefusal(group: SMPGroup.settings, code: 3)
            }
            return Outcome([.init("val", .bytes(value))])
        case (SMPGroup.Settings.value, .write):
            guard let name, let value = request.body["val"]?.bytes else { throw .invalid }
            settings.set(name, value)
        case (SMPGroup.Settings.delete, .write):
            guard let name, settings.values[name] != nil else { throw SMPRefusal(group: SMPGroup.settings, code: 3) }
            settings.set(name, nil)
        case (SMPGroup.Settings.commit, .write): break
        case (SMPGroup.Settings.store, .write):
            guard settings.save(to: flash) else { throw SMPRefusal(group: SMPGroup.settings, code: 1) }
        case (SMPGroup.Settings.store, .read): settings.load(from: flash)
        default: throw .notSupported
        }
        return Outcome()
    }

    func handleShell(_ request: SMPMessage) throws(SMPRefusal) -> Outcome {
        let words = request.body["argv"]?.array?.compactMap(\.text) ?? []
        guard !words.isEmpty else { throw SMPRefusal(group: SMPGroup.shell, code: 3) }
        guard words == ["hwinfo", "devid"] else {
            return Outcome([
                .init("o", .text("\(words[0]): command not found\r\n")), .init("ret", .integer(-8)),
            ])
        }
        let digits = deviceID.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let output = "Length: \(deviceID.count)\r\nID: 0x\(digits)\r\n"
        return Outcome([.init("o", .text(output)), .init("ret", .integer(0))])
    }
}

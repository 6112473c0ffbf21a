import BoardProtocols

/// A simulated module that answers AT commands; partitions, manufacturing values and files lie in its flash.
///
/// Written from the makers' manuals, apart from the station's own side. Source: V.250, 3GPP TS 27.007, ESP-AT command
/// set, Quectel's file commands.
public struct ATModule: WireModel {
    public let settings: ATModuleSettings
    let flash: FlashChip
    /// What happened since the owner last asked; see ``takeEvents()``.
    public internal(set) var pendingEvents: [ATModuleEvent] = []
    /// The access point it is told to use.
    public internal(set) var ssid: String?

    var echoes: Bool
    var isNumeric: Bool
    /// AT+CMEE: 0 ERROR, 1 number, 2 words.
    var errorForm = 0
    var mode = 1
    /// AT+SYSSTORE: whether a network that is joined is kept in flash, which the next start joins by itself.
    var storesNetwork = true
    private var deaf: Int
    private var line: [UInt8] = []
    private var noise: LineNoise
    private var nextURC = 0
    /// Data that a command waits for.
    private var due: (left: Int, bytes: [UInt8], purpose: Purpose)?
    private var isRestarting = false

    /// What a command's data is for.
    enum Purpose {
        case flash(offset: Int)
        case manufacturing(namespace: String, key: String, type: Int)
        case file(name: String)
    }

    /// What a command brings.
    enum Answer {
        /// Information lines, then OK.
        case lines([String])
        /// Raw bytes between line ends, then these lines, then OK.
        case raw([UInt8], then: [String] = [])
        case error(Int)
        /// A prompt, then so many bytes.
        case data(Int, Purpose, prompt: String)
        /// OK, then a reset.
        case reset
    }

    public init(_ settings: ATModuleSettings, flash: FlashChip, seed: UInt64 = 1) {
        (self.settings, self.flash) = (settings, flash)
        (echoes, isNumeric, deaf) = (settings.echoes, settings.isNumeric, settings.deafLines)
        noise = LineNoise(seed: seed)
        if let kept = contents("mfg_nvs")?.value("ssid", in: "wifi")?.text {
            ssid = kept
            pendingEvents.append(.joined(ssid: kept))
        }
    }

    /// Hands over what happened and forgets it.
    public mutating func takeEvents() -> [ATModuleEvent] {
        defer { pendingEvents = [] }
        return pendingEvents
    }

    /// What the module says by itself once it has started.
    public var greeting: [UInt8] { Array("\r\n\(settings.personality == .espAT ? "ready" : "RDY")\r\n".utf8) }

    public mutating func receive(_ input: [UInt8]) -> [WireAction] {
        var out: [UInt8] = []
        for byte in input { take(byte, &out) }
        if settings.damage > 0 { out = noise.disturb(out, rate: settings.damage) }
        var actions: [WireAction] = []
        if !out.isEmpty { actions.append(settings.delay.map { .sendAfter($0, out) } ?? .send(out)) }
        if isRestarting {
            isRestarting = false
            actions += [.restart, .send(greeting)]
        }
        return actions
    }

    private mutating func take(_ byte: UInt8, _ out: inout [UInt8]) {
        if var data = due {
            data.bytes.append(byte)
            data.left -= 1
            due = data.left > 0 ? data : nil
            if data.left == 0 { say(finish(data.bytes, data.purpose), &out) }
            return
        }
        guard deaf == 0 else {
            if byte == 13 { deaf -= 1 }
            return
        }
        if echoes { out.append(byte) }
        guard byte == 13 else {
            if byte != 10, line.count < 2048 { line.append(byte) }
            return
        }
        let text = String(decoding: line, as: UTF8.self)
        line = []
        guard !text.isEmpty else { return }
        guard text.uppercased().hasPrefix("AT") else { return say(.error(58), &out, command: text) }
        say(perform(text), &out, command: text)
    }

    // MARK: - Saying

    private mutating func say(_ answer: Answer, _ out: inout [UInt8], command: String = "") {
        switch answer {
        case .lines(let lines):
            for line in lines { say(line, &out) }
            sayResult("OK", digit: "0", &out)
        case .raw(let bytes, let lines):
            sayUnsolicited(&out)
            out += [13, 10] + bytes + [13, 10]
            for line in lines { say(line, &out) }
            sayResult("OK", digit: "0", &out)
        case .error(let code): sayError(code, command, &out)
        case .data(let count, let purpose, let prompt):
            if settings.confirmsBeforePrompt { sayResult("OK", digit: "0", &out) }
            if prompt == ">" {
                sayUnsolicited(&out)
                out += Array("\r\n> ".utf8)
            } else {
                say(prompt, &out)
            }
            if count > 0 { due = (count, [], purpose) } else { say(finish([], purpose), &out) }
        case .reset:
            sayResult("OK", digit: "0", &out)
            restart()
        }
    }

    private mutating func say(_ line: String, _ out: inout [UInt8]) {
        sayUnsolicited(&out)
        out += Array("\r\n\(line)\r\n".utf8)
    }

    private mutating func sayUnsolicited(_ out: inout [UInt8]) {
        for _ in 0..<settings.garbage {
            let byte = UInt8(truncatingIfNeeded: noise.next())
            out.append(byte == 10 || byte == 13 ? 0x55 : byte)
        }
        guard !settings.unsolicited.isEmpty else { return }
        out += Array("\r\n\(settings.unsolicited[nextURC % settings.unsolicited.count])\r\n".utf8)
        nextURC += 1
    }

    private mutating func sayResult(_ words: String, digit: String, _ out: inout [UInt8]) {
        guard isNumeric else { return say(words, &out) }
        sayUnsolicited(&out)
        out += Array("\(digit)\r".utf8)
    }

    private mutating func sayError(_ code: Int, _ command: String, _ out: inout [UInt8]) {
        if settings.repeatsCommandInErrors { return say("+CME ERROR: cannot run \(command)", &out) }
        if settings.personality == .lteCat1, settings.namesErrors || errorForm == 2 {
            return say("+CME ERROR: \(Self.errorNames[code] ?? "unknown error")", &out)
        }
        if settings.personality == .lteCat1, errorForm == 1 { return say("+CME ERROR: \(code)", &out) }
        sayResult("ERROR", digit: "4", &out)
    }

    /// Source: 3GPP TS 27.007, section 9.2.1; 4xx: Quectel's file commands.
    private static let errorNames = [
        3: "operation not allowed", 10: "SIM not inserted", 50: "incorrect parameters", 58: "invalid command line",
        405: "file not found", 407: "file already exists",
    ]

    /// Starts anew, as after power-on: settings of the session are gone, flash is as it was.
    public mutating func restart() {
        (echoes, isNumeric, deaf) = (settings.echoes, settings.isNumeric, settings.deafLines)
        (errorForm, line, due) = (0, [], nil)
        pendingEvents.append(.reset)
        isRestarting = true
    }

    // MARK: - Commands

    private mutating func perform(_ text: String) -> Answer {
        let command = text.uppercased()
        switch command {
        case "AT": return .lines([])
        case "ATE0", "ATE1":
            guard !settings.keepsEcho else { return .error(3) }
            echoes = command == "ATE1"
            return .lines([])
        case "ATV0", "ATV1":
            isNumeric = command == "ATV0"
            return .lines([])
        default: return settings.personality == .espAT ? performWiFi(text) : performLTE(text)
        }
    }

    private func finish(_ bytes: [UInt8], _ purpose: Purpose) -> Answer {
        switch purpose {
        case .flash(let offset): return flash.program(offset, bytes) ? .lines([]) : .error(50)
        case .manufacturing(let namespace, let key, let type):
            let value = type == 7 ? NVSValue.string(String(decoding: bytes, as: UTF8.self)) : .blob(bytes)
            return change("mfg_nvs") { editor throws(NVSError) in try editor.set(value, key: key, in: namespace) }
        case .file(let name):
            let answer = change("ufs") { editor throws(NVSError) in
                try editor.set(.blob(bytes), key: name, in: "files")
            }
            guard case .lines = answer else { return answer }
            return .lines(["+QFUPL: \(bytes.count),\(Self.checksum(bytes))"])
        }
    }

    /// The 16-bit XOR of a file's bytes, taken in pairs, as Quectel's file commands state it.
    static func checksum(_ bytes: [UInt8]) -> String {
        var sum = 0
        for (index, byte) in bytes.enumerated() { sum ^= Int(byte) << (index.isMultiple(of: 2) ? 8 : 0) }
        return String(sum, radix: 16)
    }
}

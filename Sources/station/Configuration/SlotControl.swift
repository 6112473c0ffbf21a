import Bench

/// How a slot resets its board and switches its power: actions `off`, `on`, `loader` and `run`.
enum SlotControl: Hashable, Sendable {
    /// The port's own DTR and RTS lines.
    case lines
    /// The same lines on a chip's own USB port (USB-Serial-JTAG), which wants another order of pulses.
    case usbSerialJTAG
    /// The same lines in sequences of the board's own: steps such as `dtr=1 rts=0 100ms` by action.
    case sequences([String: [String]])
    /// A command; its words may contain `{slot}` and must contain `{action}`. Exit status 0 within 15 s means done.
    case command([String])
    /// A socket that takes `action LF` and answers `ok LF` or `error TEXT LF`.
    case socket(HostPort)
    /// A relay at a serial port, or the power of a hub's port: `serial:///dev/PATH…`, `usb-hub:1-2.3`.
    case device(String)

    static let expected =
        "\"lines\", \"usb-serial-jtag\", a command such as [\"relay\", \"{slot}\", \"{action}\"], \"socket://HOST:PORT\", "
        + "\"serial:///dev/PATH\", \"usb-hub:1-2.3\", or a table of line sequences"

    /// Reads the key `control` of a slot.
    /// - Returns: the control, or why there is none, to end the sentence "expected …".
    static func read(_ value: ConfigurationValue) -> Result<SlotControl, Refusal> {
        switch value {
        case .string("lines"): return .success(.lines)
        case .string("usb-serial-jtag"): return .success(.usbSerialJTAG)
        case .string(let text) where text.hasPrefix("serial://") || text.hasPrefix("usb-hub:"):
            do {
                _ = try PowerControl(text)
                return .success(.device(text))
            } catch { return .failure(Refusal("\(expected): \(error.sentence)")) }
        case .string(let text):
            guard let endpoint = HostPort(socketURL: text) else { return .failure(Refusal(expected)) }
            return .success(.socket(endpoint))
        case .array(let elements): return readCommand(elements)
        case .table(let fields): return readSequences(fields)
        default: return .failure(Refusal("\(expected); received \(value.kind)"))
        }
    }

    private static func readCommand(_ elements: [ConfigurationValue]) -> Result<SlotControl, Refusal> {
        let words = elements.compactMap { element -> String? in
            if case .string(let word) = element { word } else { nil }
        }
        guard words.count == elements.count, let program = words.first, !program.isEmpty else {
            return .failure(Refusal("a command of strings, the program's name first"))
        }
        guard !program.contains("{"), words.contains(where: { $0.contains("{action}") }) else {
            return .failure(Refusal("a command that says {action} in one of its arguments"))
        }
        for word in words {
            let rest = word.replacing("{slot}", with: "").replacing("{action}", with: "")
            guard !rest.contains("{"), !rest.contains("}") else {
                return .failure(Refusal("no other placeholder than {slot} and {action}"))
            }
        }
        return .success(.command(words))
    }

    private static func readSequences(_ fields: [String: ConfigurationValue]) -> Result<SlotControl, Refusal> {
        let rule =
            "a table with loader and run, and perhaps off and on, each a list of steps such as \"dtr=1 rts=0 100ms\""
        var sequences: [String: [String]] = [:]
        for (key, value) in fields {
            guard ["loader", "run", "off", "on"].contains(key), case .array(let elements) = value else {
                return .failure(Refusal(rule))
            }
            sequences[key] = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
            guard sequences[key]?.count == elements.count else { return .failure(Refusal(rule)) }
        }
        do {
            _ = try lines(sequences)
            return .success(.sequences(sequences))
        } catch { return .failure(Refusal("\(rule): \(error.sentence)")) }
    }

    /// The sequences as the bench takes them.
    static func lines(_ sequences: [String: [String]]) throws(LinkError) -> LineSequences {
        try LineSequences(
            loader: sequences["loader"] ?? [], run: sequences["run"] ?? [],
            off: sequences["off"] ?? ["dtr=0 rts=1"], on: sequences["on"] ?? ["dtr=0 rts=0"])
    }

    /// Why a value is no control.
    struct Refusal: Error {
        let expected: String
        init(_ expected: String) { self.expected = expected }
    }
}

/// How a slot resets its board and switches its power: actions `off`, `on`, `loader` and `run`.
enum SlotControl: Hashable, Sendable {
    /// The port's own DTR and RTS lines.
    case lines
    /// The same lines on a chip's own USB port (USB-Serial-JTAG), which wants another order of pulses.
    case usbSerialJTAG
    /// A command; its words may contain `{slot}` and must contain `{action}`. Exit status 0 within 15 s means done.
    case command([String])
    /// A socket that takes `action LF` and answers `ok LF` or `error TEXT LF`.
    case socket(HostPort)

    static let expected =
        "\"lines\", \"usb-serial-jtag\", a command such as [\"relay\", \"{slot}\", \"{action}\"], or \"socket://HOST:PORT\""

    /// Reads the key `control` of a slot.
    /// - Returns: the control, or why there is none, to end the sentence "expected …".
    static func read(_ value: ConfigurationValue) -> Result<SlotControl, Refusal> {
        switch value {
        case .string("lines"): return .success(.lines)
        case .string("usb-serial-jtag"): return .success(.usbSerialJTAG)
        case .string(let text):
            guard let endpoint = HostPort(socketURL: text) else { return .failure(Refusal(expected)) }
            return .success(.socket(endpoint))
        case .array(let elements):
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
        default: return .failure(Refusal("\(expected); received \(value.kind)"))
        }
    }

    /// Why a value is no control.
    struct Refusal: Error {
        let expected: String
        init(_ expected: String) { self.expected = expected }
    }
}

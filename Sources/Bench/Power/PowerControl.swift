/// What a slot can do to its board.
public enum PowerAction: String, Sendable, CaseIterable {
    /// Without power, or held in reset where there is no power switch: the board cannot connect to anything.
    case off
    case on
    /// Reset into the download loader.
    case loader
    /// Reset into a normal boot.
    case run
}

/// How a slot's board is reset and powered.
public enum PowerControl: Sendable, Equatable {
    /// How DTR and RTS reach EN and the boot pin.
    public enum Circuit: Sendable, Equatable {
        /// The usual two transistors behind a USB bridge.
        case classic
        /// The chip's own USB-Serial-JTAG.
        case usbSerialJTAG
        /// A circuit of the board's own.
        case custom(LineSequences)
    }

    /// By hand: the station only waits.
    case none
    /// DTR and RTS of the board's own port.
    case modemLines(Circuit)
    /// A program and its arguments; `{slot}` and `{action}` are filled in. Exit status 0 within 15 s means done.
    case command([String])
    /// A fixture that takes `action LF` over TCP and answers `ok LF` or `error TEXT LF`; `present?` is answered by
    /// `yes` or `no`.
    case socket(host: String, port: Int)
    /// A fixture relay at a serial port of its own.
    case serial(SerialRelay)
    /// The power of the hub port at which the board is plugged in, `1-2.3`.
    case hubPort(USBBusPort)

    /// An action must be done within this time.
    public static let limit = Duration.seconds(15)
    /// For this long after an action a port that went away is expected back.
    public static let tolerance = Duration.seconds(15)

    /// Reads the text forms of a slot's `control`: `none`, `lines`, `usb-serial-jtag`, `socket://HOST:PORT`,
    /// `serial:///dev/PATH` (see ``SerialRelay``), `usb-hub:1-2.3`.
    /// - Throws: ``LinkError`` `address`.
    public init(_ text: String) throws(LinkError) {
        switch text {
        case "none": self = .none
        case "lines": self = .modemLines(.classic)
        case "usb-serial-jtag": self = .modemLines(.usbSerialJTAG)
        case _ where text.hasPrefix("serial://"): self = .serial(try SerialRelay(text))
        case _ where text.hasPrefix("usb-hub:"): self = .hubPort(try USBBusPort(String(text.dropFirst(8))))
        default:
            guard case .tcp(let host, let port) = try PortAddress(text).kind else {
                throw LinkError(
                    .address, port: text,
                    "expected none, lines, usb-serial-jtag, socket://HOST:PORT, serial:///dev/PATH, usb-hub:1-2.3 or a "
                        + "command as a list"
                )
            }
            self = .socket(host: host, port: port)
        }
    }
}

/// Why an action was not done.
public struct PowerError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The program cannot be started, or the fixture cannot be reached.
        case unavailable
        /// The program ended with another status than 0, or the fixture answered `error`.
        case refused
        /// Not done within 15 s; the program and its children were ended.
        case timeout
    }

    public let code: Code
    public let action: String
    public let sentence: String

    public init(_ code: Code, action: String, _ sentence: String) {
        self.code = code
        self.action = action
        self.sentence = sentence
    }

    public var description: String { "\(action): \(sentence)" }
}

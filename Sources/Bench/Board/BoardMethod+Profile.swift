import BoardProtocols
public import Provisioning

extension BoardMethod {
    /// What a method must know of the slot it works on.
    public struct SlotFacts: Sendable {
        /// Fills `{slot}` in the arguments of an external flasher.
        public let name: String
        /// The board's serial port as the configuration names it; fills `{port}`.
        public let port: String
        /// Where the board's USB device is, `1-2.3`; nil where the slot names none.
        public let usbPath: String?
        /// The highest rate, in bits a second; fills `{baud}`.
        public let maxBaud: Int
        /// Where programs stand, by name; others are looked for in PATH.
        public let tools: [String: String]

        public init(name: String, port: String, usbPath: String?, maxBaud: Int, tools: [String: String]) {
            (self.name, self.port, self.usbPath, self.maxBaud) = (name, port, usbPath, maxBaud)
            self.tools = tools
        }

        /// For checking a profile where there is no slot.
        public static let checkOnly = SlotFacts(
            name: "check", port: "/dev/null", usbPath: "0-0", maxBaud: 921_600, tools: [:])
    }

    /// Why a profile cannot be carried out on a slot.
    public struct MethodError: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// How the boards of a profile are identified and written on a slot.
    /// - Throws: ``MethodError``.
    public init(profile: BoardProfile, slot: SlotFacts) throws(MethodError) {
        switch profile.flash.method {
        case .espressif:
            self = .espressif(
                chip: EspressifChip.all.first { $0.stubName == profile.chip },
                userBlock: profile.identity.source == .efuseBlock3)
        default:
            throw MethodError(description: "profile \(profile.name): \(profile.flash.method.rawValue)")
        }
    }
}

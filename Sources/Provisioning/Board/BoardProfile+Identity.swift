extension BoardProfile {
    /// Which identity is read from the board, and where it stands.
    public struct IdentityReading: Hashable, Sendable {
        /// The place that holds the identity.
        public enum Source: String, Sendable, CaseIterable {
            /// The MAC address in the eFuses, programmed by the chip's maker.
            case efuseMAC = "efuse-mac"
            /// User data in eFuse BLOCK3: ASCII, NUL padded, at most 24 bytes.
            case efuseBlock3 = "efuse-block3"
            /// The chip's unique id, as hexadecimal digits.
            case chipUID = "chip-uid"
            /// ASCII in the chip's memory, one-time programmable as a rule.
            case memory
            /// The serial string of the board's USB device.
            case usbSerial = "usb-serial"
            /// An AT command of the running firmware.
            case at
            /// A shell command of the running firmware, over SMP.
            case smp
            /// A line that the running firmware prints while it boots.
            case console

            /// Whether the running firmware tells it, not the loader.
            public var isApplication: Bool {
                switch self {
                case .at, .smp, .console: true
                case .efuseMAC, .efuseBlock3, .chipUID, .memory, .usbSerial: false
                }
            }
        }

        public let kind: Identity.Kind
        public let source: Source
        /// For a serial number, the regular expression that its whole text must match; else nil.
        public let pattern: String?
        /// Whether the chip's unique id is independent of the identity, and so tells two boards with one identity apart.
        public let isUIDIndependent: Bool
        /// For `at` and `smp`: the command; nil = the usual one of the kind.
        public let command: String?
        /// For `at`, `smp` and `console`: the identity in the one capture group of its line.
        public let answer: ConsolePattern?
        /// For `at` and `smp`: the command that tells the hardware UID; nil = the identity stands in for it.
        public let uidCommand: String?
        /// The UID's hexadecimal digits or characters in the one capture group.
        public let uidAnswer: ConsolePattern?
        /// For `at`: the command that tells the SIM's ICCID; nil = not read.
        public let iccidCommand: String?
        /// For `memory`: where the text stands, and its greatest length in bytes.
        public let memory: MemoryPlace?

        public init(
            kind: Identity.Kind, source: Source, pattern: String?, isUIDIndependent: Bool, command: String? = nil,
            answer: ConsolePattern? = nil, uidCommand: String? = nil, uidAnswer: ConsolePattern? = nil,
            iccidCommand: String? = nil, memory: MemoryPlace? = nil
        ) {
            (self.kind, self.source, self.pattern) = (kind, source, pattern)
            (self.isUIDIndependent, self.command, self.answer) = (isUIDIndependent, command, answer)
            (self.uidCommand, self.uidAnswer) = (uidCommand, uidAnswer)
            (self.iccidCommand, self.memory) = (iccidCommand, memory)
        }
    }

    /// A stretch of a chip's memory.
    public struct MemoryPlace: Hashable, Sendable {
        public let address: Int
        /// In bytes.
        public let length: Int

        public init(address: Int, length: Int) { (self.address, self.length) = (address, length) }
    }
}

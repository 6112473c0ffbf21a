/// What the station must know of one kind of board: how it is identified, named, flashed, booted and watched.
///
/// A plain value; `Station/boards/NAME.toml` is its written form. Offsets and sizes are bytes in the board's flash.
public struct BoardProfile: Hashable, Sendable {
    /// The name under which slots, releases and orders refer to it, which is also its file's name.
    public let name: String
    /// What people call the board, in Chinese.
    public let titleZh: String
    /// What people call the board, in English.
    public let titleEn: String
    /// The chip that must answer in the loader, such as `esp32c3`.
    public let chip: String
    /// Which identity is read, and where.
    public let identity: IdentityReading
    /// How the identity becomes the DeviceName.
    public let deviceName: DeviceNameRule
    /// How many consecutive MAC addresses one board owns, its base address first: 4 on the ESP32 family, else 1.
    public let macBlock: Int
    /// Memory map and flash method.
    public let flash: Flash
    /// What the board says while it boots.
    public let console: Console
    /// How a board without a network is handed its credential; nil = the board cannot take it.
    public let relay: Relay?
    /// How long each part may take.
    public let budgets: Budgets

    public init(
        name: String, titleZh: String, titleEn: String, chip: String, identity: IdentityReading,
        deviceName: DeviceNameRule, macBlock: Int, flash: Flash, console: Console, relay: Relay? = nil, budgets: Budgets
    ) {
        (self.name, self.titleZh, self.titleEn, self.chip) = (name, titleZh, titleEn, chip)
        (self.identity, self.deviceName, self.macBlock) = (identity, deviceName, macBlock)
        (self.flash, self.console, self.relay, self.budgets) = (flash, console, relay, budgets)
    }

    /// Which identity is read from the board, and where it stands.
    public struct IdentityReading: Hashable, Sendable {
        /// The place in the chip that holds the identity.
        public enum Source: String, Sendable, CaseIterable {
            /// The MAC address in the eFuses, programmed by the chip's maker.
            case efuseMAC = "efuse-mac"
            /// User data in eFuse BLOCK3: ASCII, NUL padded, at most 24 bytes.
            case efuseBlock3 = "efuse-block3"
        }

        public let kind: Identity.Kind
        public let source: Source
        /// For a serial number, the regular expression that its whole text must match; else nil.
        public let pattern: String?
        /// Whether the chip's unique id is independent of the identity, and so tells two boards with one identity apart.
        public let isUIDIndependent: Bool

        public init(kind: Identity.Kind, source: Source, pattern: String?, isUIDIndependent: Bool) {
            (self.kind, self.source, self.pattern) = (kind, source, pattern)
            self.isUIDIndependent = isUIDIndependent
        }
    }

    /// The longest each part of a run may take before it ends with its failure code.
    public struct Budgets: Hashable, Sendable {
        /// From the reset into the loader to the loader's first answer.
        public let connect: Duration
        /// From power-on to the console's ready line.
        public let boot: Duration
        /// From ready to the cloud's proof.
        public let activate: Duration

        public init(connect: Duration, boot: Duration, activate: Duration) {
            (self.connect, self.boot, self.activate) = (connect, boot, activate)
        }
    }
}

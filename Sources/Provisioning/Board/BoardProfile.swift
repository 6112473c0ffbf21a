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
    /// The chip: for Espressif's the one that must answer in the loader, such as `esp32c3`; else what people call it.
    public let chip: String
    /// The USB devices that may stand for this board, `VID:PID` in lower-case hexadecimal; empty = any, or no USB.
    public let usbIDs: [String]
    /// Whether DTR and RTS of the board's own port reset it, as on boards with Espressif's circuit.
    public let linesReset: Bool
    /// Which identity is read, and where.
    public let identity: IdentityReading
    /// How the identity becomes the DeviceName.
    public let deviceName: DeviceNameRule
    /// Finds the board's name in what is scanned from its label, in its first group; nil = the text as it is, or the serial
    /// number of a GS1 label.
    public let label: ConsolePattern?
    /// How many consecutive MAC addresses one board owns, its base address first: 4 on the ESP32 family, else 1.
    public let macBlock: Int
    /// Memory map and flash method.
    public let flash: Flash
    /// What the board says while it boots.
    public let console: Console
    /// How a board without a network is handed its credential; nil = the board cannot take it.
    public let relay: Relay?
    /// How the board gets the line's network and loses it again; nil = it has its own, or none.
    public let network: LineNetwork?
    /// What must be true of a board that ships.
    public let shipChecks: [ShipCheck]
    /// How long each part may take.
    public let budgets: Budgets

    public init(
        name: String, titleZh: String, titleEn: String, chip: String, usbIDs: [String] = [],
        linesReset: Bool = true, identity: IdentityReading,
        deviceName: DeviceNameRule, macBlock: Int, flash: Flash, console: Console, relay: Relay? = nil,
        network: LineNetwork? = nil, shipChecks: [ShipCheck] = [], budgets: Budgets, label: ConsolePattern? = nil
    ) {
        (self.name, self.titleZh, self.titleEn, self.chip) = (name, titleZh, titleEn, chip)
        (self.usbIDs, self.linesReset) = (usbIDs, linesReset)
        (self.identity, self.deviceName, self.macBlock) = (identity, deviceName, macBlock)
        (self.flash, self.console, self.relay, self.network) = (flash, console, relay, network)
        (self.shipChecks, self.budgets, self.label) = (shipChecks, budgets, label)
    }

    /// The longest each part of a run may take before it ends with its failure code.
    public struct Budgets: Hashable, Sendable {
        /// From the reset until the identity is read.
        public let connect: Duration
        /// From power-on to the console's ready line.
        public let boot: Duration
        /// From ready to the cloud's proof.
        public let activate: Duration

        public init(connect: Duration, boot: Duration, activate: Duration) {
            (self.connect, self.boot, self.activate) = (connect, boot, activate)
        }

        /// Of one step; nil where it has none of its own.
        public func limit(of step: Step) -> Duration? {
            switch step {
            case .identify: connect
            case .boot: boot
            case .activate: activate
            case .claim, .register, .flash, .verify, .conclude: nil
            }
        }
    }
}

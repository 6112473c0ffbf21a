/// Everything that makes one simulated board.
public struct BoardConfiguration: Sendable {
    /// Where clients reach the board's UART.
    public enum Port: Sendable {
        /// A pseudo terminal behind a symbolic link of this path.
        case terminal(link: String)
        /// A TCP port; 0 takes any.
        case listener(host: String, port: Int)
    }

    /// What kind of board it is.
    public var family: SimulatedFamily
    public var identity: BoardIdentity
    public var port: Port
    /// The port path of the board's own USB device, `1-2.3`; nil where its loader is not on USB.
    public var usbPath: String?
    /// The flash contents; nil starts blank and forgets them at the end.
    public var flashFile: String?
    /// Strapped into the loader: it starts there, and `on` leads there.
    public var startsInLoader: Bool
    public var faults: [BoardFault]
    /// How fast bytes pass.
    public var pace: BoardPace
    public var firmware: FirmwareOptions

    public init(
        family: SimulatedFamily = .esp32c3, identity: BoardIdentity, port: Port, usbPath: String? = nil,
        flashFile: String? = nil,
        startsInLoader: Bool = true,
        faults: [BoardFault] = [], pace: BoardPace = .unpaced, firmware: FirmwareOptions = FirmwareOptions()
    ) {
        self.family = family
        self.identity = identity
        self.port = port
        self.usbPath = usbPath
        self.flashFile = flashFile
        self.startsInLoader = startsInLoader
        self.faults = faults
        self.pace = pace
        self.firmware = firmware
    }
}

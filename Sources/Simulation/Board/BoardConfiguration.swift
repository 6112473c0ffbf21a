public import Provisioning

/// Everything that makes one simulated board.
public struct BoardConfiguration: Sendable {
    /// Where clients reach the board's UART.
    public enum Port: Sendable {
        /// A pseudo terminal behind a symbolic link of this path.
        case terminal(link: String)
        /// A TCP port; 0 takes any.
        case listener(host: String, port: Int)
    }

    public var identity: BoardIdentity
    public var port: Port
    /// The flash contents; nil starts blank and forgets them at the end.
    public var flashFile: String?
    /// Strapped into the loader: it starts there, and `on` leads there.
    public var startsInLoader: Bool
    public var faults: [BoardFault]
    /// How fast bytes pass.
    public var pace: BoardPace
    public var firmware: FirmwareOptions

    public init(
        identity: BoardIdentity, port: Port, flashFile: String? = nil, startsInLoader: Bool = true,
        faults: [BoardFault] = [], pace: BoardPace = .unpaced, firmware: FirmwareOptions = FirmwareOptions()
    ) {
        self.identity = identity
        self.port = port
        self.flashFile = flashFile
        self.startsInLoader = startsInLoader
        self.faults = faults
        self.pace = pace
        self.firmware = firmware
    }
}

/// What the simulated firmware was compiled with: which cloud, by which way, under which name.
public struct FirmwareOptions: Sendable {
    /// How the firmware gets its DeviceSecret.
    public enum Channel: String, Sendable, Codable, CaseIterable { case mqtt, https }

    /// nil: the firmware has no network and stays at `ready`.
    public var cloud: BoardCloud?
    public var channel: Channel
    /// Waits between attempts; the cloud allows 5 connections a minute, so real firmware waits 12 s or more.
    public var retry: Duration
    /// Makes the DeviceName out of the board's identity.
    public var deviceName: DeviceNameRule

    public init(
        cloud: BoardCloud? = nil, channel: Channel = .mqtt, retry: Duration = .seconds(12),
        deviceName: DeviceNameRule = .upperCaseMAC
    ) {
        self.cloud = cloud
        self.channel = channel
        self.retry = retry
        self.deviceName = deviceName
    }
}

extension DeviceNameRule {
    /// Twelve upper-case hexadecimal digits.
    public static let upperCaseMAC: DeviceNameRule = {
        do { return try DeviceNameRule("{mac}") } catch { preconditionFailure("\(error)") }
    }()
}

public import Provisioning

/// What the simulated firmware was compiled with: which cloud, by which way, under which name.
public struct FirmwareOptions: Sendable {
    /// How a pre-registered device gets its DeviceSecret.
    public enum Channel: String, Sendable, Codable, CaseIterable { case mqtt, https }

    /// nil: the firmware knows no cloud and stays at `ready`.
    public var cloud: BoardCloud?
    public var channel: Channel
    /// How it registers while it has no device credential; a stored one of either kind is used as it is. Without
    /// pre-registration there is MQTT only, whatever ``channel`` says.
    public var registration: RegistrationMode
    /// Waits between attempts; the cloud allows 5 connections a minute, so real firmware waits 12 s or more.
    public var retry: Duration
    /// Makes the DeviceName out of the board's identity.
    public var deviceName: DeviceNameRule
    /// False for a board that has no network on the line: it never contacts the cloud by itself, and gets its device
    /// credential over the console (``FirmwareConsole``).
    public var hasNetwork: Bool
    /// True for a board that is given its network over the console; else it is built in.
    public var joinsNetwork: Bool

    public init(
        cloud: BoardCloud? = nil, channel: Channel = .mqtt, registration: RegistrationMode = .preRegistered,
        retry: Duration = .seconds(12), deviceName: DeviceNameRule = .upperCaseMAC, hasNetwork: Bool = true,
        joinsNetwork: Bool = false
    ) {
        self.cloud = cloud
        self.channel = channel
        self.registration = registration
        self.retry = retry
        self.deviceName = deviceName
        self.hasNetwork = hasNetwork
        self.joinsNetwork = joinsNetwork
    }

    /// Why the two do not go together; nil where they do.
    public static func conflict(_ registration: RegistrationMode, _ channel: Channel) -> String? {
        registration == .noPreregistration && channel == .https
            ? "no-preregistration goes over MQTT only: expected channel mqtt, received https" : nil
    }
}

extension DeviceNameRule {
    /// Twelve upper-case hexadecimal digits.
    public static let upperCaseMAC: DeviceNameRule = {
        do { return try DeviceNameRule("{mac}") } catch { preconditionFailure("\(error)") }
    }()
}

public import Bench
public import Foundation
public import Provisioning

/// One physical position on the fixture, as the station is told of it.
public struct SlotSettings: Sendable {
    /// Unique on the station; stands on the fixture's label.
    public let name: String
    public let profile: BoardProfile
    /// By-path name, any path, or `socket://host:port`.
    public let port: PortAddress
    /// Highest rate the loader may use, 9600 to 4000000 baud.
    public let maxBaud: Int
    public let control: PowerControl
    /// How the profile's boards are identified and written on this slot.
    public let method: BoardMethod

    public init(
        name: String, profile: BoardProfile, port: PortAddress, maxBaud: Int, control: PowerControl, method: BoardMethod
    ) {
        (self.name, self.profile, self.port) = (name, profile, port)
        (self.maxBaud, self.control, self.method) = (maxBaud, control, method)
    }
}

/// How many devices the cloud's instance takes; an order that does not fit is held before a board is placed.
public struct InstanceLimits: Hashable, Sendable {
    /// Devices over all products of the instance; nil = not known.
    public let devices: Int?
    /// Devices that may be online at once; nil = not known.
    public let online: Int?

    public init(devices: Int? = nil, online: Int? = nil) { (self.devices, self.online) = (devices, online) }
}

/// The line's own network, as boards join it.
public struct NetworkAccess: Sendable {
    public let ssid: String
    /// Its password, unsealed for the moment of its use; nil when none is sealed.
    public let password: @Sendable () throws -> Secret?
    /// How the access point itself is asked.
    public let probe: AccessPointProbe.Kind

    public init(
        ssid: String, password: @escaping @Sendable () throws -> Secret?, probe: AccessPointProbe.Kind = .none
    ) {
        (self.ssid, self.password, self.probe) = (ssid, password, probe)
    }

    /// What to do about a missing password.
    var advice: String { "seal it with `station secret set network/line`" }
}

/// What the line is told before it runs.
public struct LineSettings: Sendable {
    public let stationID: String
    /// The station's data folder.
    public let dataFolder: String
    public let slots: [SlotSettings]
    /// Folder with Espressif's stub files; nil = the ROM's own loader.
    public let stubDirectory: String?
    /// Runs one unit may take before it is held.
    public let runLimit: Int
    /// How long trouble outside the board is waited out before the board goes to the HOLD tray. Default 90 s.
    public let holdAfter: Duration
    /// How often the probe name is asked while an order is held. Default 30 s.
    public let probeInterval: Duration
    /// How often the cloud is asked for the state of a board that is activating. Default 1 s.
    public let pollInterval: Duration
    /// How often the leak watch pages the products' devices. Default 300 s.
    public let watchInterval: Duration
    /// How often another copy of this station is looked for while an order works. Default 1 h.
    public let copyInterval: Duration
    /// What the instance allows; nil = not known.
    public let limits: InstanceLimits
    /// How much space the disk of the data folder must have.
    public let diskLimits: DiskSpace.Limits
    /// The line's network for boards that are given one; nil = there is none.
    public let network: NetworkAccess?
    /// Whom the line tells and asks.
    public let calls: CallSettings
    /// The line's shifts; nil = it works whenever there is an order.
    public let calendar: ShiftCalendar?
    /// What the clock on the wall says; a test may have one of its own.
    public let wallClock: @Sendable () -> Date
    /// The name of who is at the line now, for the run that begins; nil = nobody is signed in.
    public let operatorOnDuty: @Sendable () -> String?
    /// Names the content of each board profile: another one is another profile, whose first board is looked at.
    public let profileDigests: [String: String]
    /// Awaited before each step of each run; a demonstration unplugs boards here.
    public let beforeStep: (@Sendable (_ slot: String, _ step: Step) async -> Void)?

    public init(
        stationID: String, dataFolder: String, slots: [SlotSettings], stubDirectory: String?, runLimit: Int = 3,
        holdAfter: Duration = .seconds(90), probeInterval: Duration = .seconds(30),
        pollInterval: Duration = .seconds(1), watchInterval: Duration = .seconds(300),
        copyInterval: Duration = .seconds(3600),
        limits: InstanceLimits = InstanceLimits(), diskLimits: DiskSpace.Limits = .standard,
        network: NetworkAccess? = nil,
        calls: CallSettings = CallSettings(), calendar: ShiftCalendar? = nil,
        wallClock: @escaping @Sendable () -> Date = { Date() },
        operatorOnDuty: @escaping @Sendable () -> String? = { nil }, profileDigests: [String: String] = [:],
        beforeStep: (@Sendable (String, Step) async -> Void)? = nil
    ) {
        (self.stationID, self.dataFolder, self.slots) = (stationID, dataFolder, slots)
        (self.stubDirectory, self.runLimit, self.holdAfter) = (stubDirectory, runLimit, holdAfter)
        (self.probeInterval, self.pollInterval) = (probeInterval, pollInterval)
        (self.watchInterval, self.copyInterval) = (watchInterval, copyInterval)
        (self.limits, self.diskLimits) = (limits, diskLimits)
        (self.network, self.calls, self.beforeStep) = (network, calls, beforeStep)
        (self.calendar, self.wallClock) = (calendar, wallClock)
        (self.operatorOnDuty, self.profileDigests) = (operatorOnDuty, profileDigests)
    }

    /// Who stands in the journal for what the station does by itself.
    var actor: String { "station:" + stationID }
}

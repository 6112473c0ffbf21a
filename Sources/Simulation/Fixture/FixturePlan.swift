import Foundation
public import Provisioning

/// What a simulated fixture has: its slots, the boards that can be placed on them, and the firmware's surroundings.
public struct FixturePlan: Sendable, Decodable {
    /// One position on the fixture.
    public struct Slot: Sendable, Decodable {
        public var name: String
        /// Path of the link under which a placed board's serial port appears.
        public var link: String
        /// Where a placed board's USB device is plugged in, `1-2.3`; null for boards without one.
        public var usb: String?
        /// Port of its control socket; null takes any free one.
        public var controlPort: Int?

        private enum CodingKeys: String, CodingKey {
            case name, link, usb
            case controlPort = "control_port"
        }
    }

    /// One board in the tray.
    public struct Board: Sendable, Decodable {
        public var id: Int
        public var mac: String
        /// 32 hexadecimal digits; null makes one out of the MAC.
        public var uid: String?
        public var sn: String?
        public var imei: String?
        /// The flash file, which outlives each placing.
        public var flash: String
        public var fault: BoardFault?
        /// What kind of board it is; null is an ESP32-C3.
        public var family: SimulatedFamily?
        /// How its firmware makes its DeviceName; null is the plan's rule.
        public var deviceName: String?
        /// Whether it is given its network over the console; null is no.
        public var joinsNetwork: Bool?

        private enum CodingKeys: String, CodingKey {
            case id, mac, uid, sn, imei, flash, fault, family
            case deviceName = "device_name"
            case joinsNetwork = "joins_network"
        }
    }

    public var slots: [Slot]
    public var boards: [Board]
    /// The cloud stand-in's ready file; null leaves the firmware without a cloud.
    public var cloud: String?
    public var channel: FirmwareOptions.Channel
    public var registration: RegistrationMode
    /// False: the boards have no network on the line and get their device credentials over their consoles.
    public var network: Bool
    public var pace: BoardPace
    public var retrySeconds: Double
    public var deviceName: String

    private enum CodingKeys: String, CodingKey {
        case slots, boards, cloud, channel, registration, network, pace
        case retrySeconds = "retry_seconds"
        case deviceName = "device_name"
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        slots = try box.decode([Slot].self, forKey: .slots)
        boards = try box.decode([Board].self, forKey: .boards)
        cloud = try box.decodeIfPresent(String.self, forKey: .cloud)
        channel = try box.decodeIfPresent(FirmwareOptions.Channel.self, forKey: .channel) ?? .mqtt
        registration = try box.decodeIfPresent(RegistrationMode.self, forKey: .registration) ?? .preRegistered
        network = try box.decodeIfPresent(Bool.self, forKey: .network) ?? true
        pace = try box.decodeIfPresent(BoardPace.self, forKey: .pace) ?? .unpaced
        retrySeconds = try box.decodeIfPresent(Double.self, forKey: .retrySeconds) ?? 12
        deviceName = try box.decodeIfPresent(String.self, forKey: .deviceName) ?? "{mac}"
    }

    /// Reads a plan.
    /// - Throws: ``BoardError`` with code `input`, naming what cannot be used.
    public init(file: String) throws(BoardError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
        } catch {
            throw BoardError(.input, "plan \(file) cannot be read: \(error)")
        }
    }

    /// Checks the whole plan and makes the boards' configurations, the port left to the slot.
    /// - Throws: ``BoardError`` with code `input`: double names or ids, an identity that cannot be burnt, a bad rule,
    ///   HTTPS without pre-registration.
    func tray() throws(BoardError) -> [Int: FixtureTray.Entry] {
        guard Set(slots.map(\.name)).count == slots.count, Set(slots.map(\.link)).count == slots.count else {
            throw BoardError(.input, "the plan names a slot or a link twice")
        }
        let standard = try firmware(deviceName)
        var entries: [Int: FixtureTray.Entry] = [:]
        for board in boards {
            guard entries[board.id] == nil else { throw BoardError(.input, "the plan has board \(board.id) twice") }
            var options = standard
            if let own = board.deviceName { options.deviceName = try Self.rule(own) }
            options.joinsNetwork = board.joinsNetwork ?? false
            let mac = try BoardIdentity.mac(board.mac)
            let uid = try board.uid.map(BoardIdentity.uid) ?? BoardIdentity.uid(madeFrom: mac)
            entries[board.id] = FixtureTray.Entry(
                family: board.family ?? .esp32c3,
                identity: try BoardIdentity(mac: mac, uid: uid, sn: board.sn, imei: board.imei), flash: board.flash,
                faults: board.fault.map { [$0] } ?? [], pace: pace, firmware: options)
        }
        return entries
    }

    private static func rule(_ text: String) throws(BoardError) -> DeviceNameRule {
        do { return try DeviceNameRule(text) } catch { throw BoardError(.input, "device_name \(error)") }
    }

    private func firmware(_ name: String) throws(BoardError) -> FirmwareOptions {
        guard retrySeconds > 0 else { throw BoardError(.input, "retry_seconds \(retrySeconds): expected more than 0") }
        if let conflict = FirmwareOptions.conflict(registration, channel) { throw BoardError(.input, conflict) }
        let rule = try Self.rule(name)
        var place: BoardCloud?
        if let cloud { place = try BoardCloud(readyFile: cloud) }
        return FirmwareOptions(
            cloud: place, channel: channel, registration: registration, retry: .seconds(retrySeconds), deviceName: rule,
            hasNetwork: network)
    }
}

import Journal
import Provisioning

/// One simulated board: what it carries, and what the simulated cloud knows under its name.
struct MonthBoard: Sendable {
    /// What the cloud keeps of a device; instants in milliseconds since 1970.
    struct Device: Sendable {
        let iotID: String
        let created: Int64
        var activated: Int64?
        var online: Int64?
        /// Keyed digest of its DeviceSecret: another one after each reset.
        var secret: Int
    }

    /// Index of the line it is made on.
    let line: Int
    /// Its MAC as a number.
    let mac: UInt64
    /// 32 hexadecimal digits.
    let uid: String
    /// Whether it is made for an order; a stray board is not.
    var isFresh = false
    /// The order it was claimed for.
    var order: String?
    var unit: Int64?
    var ordinal = 0
    var state: BoardUnit.State?
    var device: Device?
    /// Times it was placed.
    var attempts = 0
    /// When it may be placed again.
    var ready: Int64 = 0
    /// The slot it lies in.
    var slot: Int?

    var identity: Identity {
        get throws { .mac(try MACAddress(MonthText.hex(mac, 12))) }
    }

    /// Its device comes online, for the first time or again.
    mutating func connect(at time: Int64) {
        if device?.activated == nil { device?.activated = time - 300 }
        device?.online = time - 200
    }

    /// What the cloud answers of it; null where it is not there.
    func reading(at time: Int64, request: String) -> JSONValue {
        guard let device else { return nil }
        let state = device.activated == nil ? "UNACTIVE" : "OFFLINE"
        return [
            "state": .string(state), "iot_id": .string(device.iotID),
            "created_at": .string(UTCTime.text(device.created)),
            "activated_at": .init(device.activated.map(UTCTime.text)),
            "online_at": .init(device.online.map(UTCTime.text)),
            "firmware_version": nil, "secret_digest": .string(digest(device)), "request_id": .string(request),
            "cloud_date": .string(MonthText.httpDate(time)),
        ]
    }

    /// What stands for the keyed digest of the device's secret.
    func digest(_ device: Device) -> String { MonthText.hex(mac &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(device.secret), 16) }
}

/// Small texts of a simulated month.
enum MonthText {
    static func hex(_ value: UInt64, _ width: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// As a web server writes the time: `Tue, 01 Sep 2026 00:00:12 GMT`.
    static func httpDate(_ time: Int64) -> String {
        let text = UTCTime.seconds(time / 1000)
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let month = Int(text.dropFirst(5).prefix(2)) ?? 1
        return "\(days[Int(time / 86_400_000) % 7]), \(text.dropFirst(8).prefix(2)) \(months[month - 1]) "
            + "\(text.prefix(4)) \(text.dropFirst(11).prefix(8)) GMT"
    }
}

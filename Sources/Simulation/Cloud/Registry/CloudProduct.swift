import Provisioning

/// One product as the platform holds it.
struct CloudProduct: Sendable {
    let key: String
    let secret: String
    let name: String
    let instanceID: String?
    let noPreregistration: Bool
    /// Milliseconds since 1970.
    let created: Int64
    /// The console's dynamic-registration switch.
    var registrationSwitch: Bool
    /// Whether the switch was turned while running, and so is kept in the state file.
    var switchWasSet: Bool

    init(_ configured: CloudConfiguration.Product, registered: Bool?, created: Int64) {
        key = configured.key
        secret = configured.secret.revealed
        name = configured.name
        instanceID = configured.instanceID
        noPreregistration = configured.noPreregistration
        self.created = created
        registrationSwitch = registered ?? configured.dynamicRegistration
        switchWasSet = registered != nil
    }
}

/// A refused registration or connection with its true reason, which the device is not told.
struct CloudRefusal: Sendable {
    /// Milliseconds since 1970.
    let time: Int64
    /// `mqtt register`, `mqtt connect` or `https register`.
    let channel: String
    let product: String
    let device: String
    let reason: String
}

/// A device's open connection, as far as its eviction needs it.
struct LiveSession: Sendable {
    let number: UInt64
    /// Ends the connection; may be called from anywhere, more than once.
    let close: @Sendable () -> Void
}

/// Random texts for names, ids and secrets.
enum RandomText {
    static func alphanumeric(_ count: Int) -> String {
        pick(count, from: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    }

    static func hex(_ count: Int) -> String { pick(count, from: "0123456789abcdef") }

    /// An upper-case UUID, as the platform's request ids are.
    static func requestID() -> String {
        [8, 4, 4, 4, 12].map { pick($0, from: "0123456789ABCDEF") }.joined(separator: "-")
    }

    private static func pick(_ count: Int, from alphabet: String) -> String {
        let characters = Array(alphabet)
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).map { _ in characters[Int.random(in: 0..<characters.count, using: &generator)] })
    }
}

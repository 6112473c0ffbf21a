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

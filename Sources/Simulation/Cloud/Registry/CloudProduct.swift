import Provisioning

/// One product as the platform holds it.
struct CloudProduct: Sendable {
    /// A product that CreateProduct made, as the state file keeps it.
    struct Created: Codable, Sendable, CustomStringConvertible, CustomReflectable {
        let key: String
        let secret: String
        var name: String
        var text: String
        let instanceID: String?
        let nodeType: Int64
        let dataFormat: Int64
        let created: Int64
        /// `nil` in files of before it was kept: released.
        var status: CloudConfiguration.Product.Status?
        /// `nil` in files of before it was kept: by DeviceSecret.
        var authType: CloudConfiguration.Product.AuthType?

        var description: String { "product \(key)" }
        var customMirror: Mirror { Mirror(self, children: []) }
    }

    let key: String
    let secret: String
    var name: String
    /// The description given to CreateProduct or UpdateProduct.
    var text = ""
    let instanceID: String?
    let noPreregistration: Bool
    /// 0 device, 1 gateway.
    var nodeType: Int64 = 0
    /// 0 custom, 1 Alink.
    var dataFormat: Int64 = 1
    var status: CloudConfiguration.Product.Status
    let authType: CloudConfiguration.Product.AuthType
    /// Milliseconds since 1970.
    let created: Int64
    /// The console's dynamic-registration switch.
    var registrationSwitch: Bool
    /// Whether the switch was turned while running, and so is kept in the state file.
    var switchWasSet: Bool
    /// Whether the configuration names the product; else CreateProduct made it.
    let isConfigured: Bool

    init(_ configured: CloudConfiguration.Product, registered: Bool?, created: Int64) {
        key = configured.key
        secret = configured.secret.revealed
        name = configured.name
        instanceID = configured.instanceID
        noPreregistration = configured.noPreregistration
        (status, authType) = (configured.status, configured.authType)
        self.created = created
        registrationSwitch = registered ?? configured.dynamicRegistration
        (switchWasSet, isConfigured) = (registered != nil, true)
    }

    /// A product made by CreateProduct: its switch is off until it is turned, as in the platform's console.
    init(_ made: Created, registered: Bool?) {
        (key, secret, name, text) = (made.key, made.secret, made.name, made.text)
        (instanceID, noPreregistration, created) = (made.instanceID, true, made.created)
        (nodeType, dataFormat) = (made.nodeType, made.dataFormat)
        (status, authType) = (made.status ?? .released, made.authType ?? .secret)
        registrationSwitch = registered ?? false
        (switchWasSet, isConfigured) = (registered != nil, false)
    }

    /// What the state file keeps of it.
    var kept: Created {
        Created(
            key: key, secret: secret, name: name, text: text, instanceID: instanceID, nodeType: nodeType,
            dataFormat: dataFormat, created: created, status: status, authType: authType)
    }
}

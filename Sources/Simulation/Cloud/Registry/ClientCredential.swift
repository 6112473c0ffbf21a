/// What one physical device got by registering without pre-registration: ClientID and DeviceToken.
///
/// The C SDK's demo keeps a token in 64 bytes and a whole client id with its parameters in 128 ("aliyun-sdk facts", §5):
/// a token has 32 characters here, a ClientID 26, neither with a `|`.
struct ClientCredential: Codable, Sendable, CustomStringConvertible, CustomReflectable {
    let id: String
    let token: String
    /// Milliseconds since 1970.
    let created: Int64

    /// How many physical devices may share one DeviceName ("Unique-certificate-per-product verification").
    static let maximumPerDevice = 5

    var description: String { "ClientID \(id)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

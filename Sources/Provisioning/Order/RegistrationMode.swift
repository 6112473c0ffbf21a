/// Whether a device must exist in the cloud before its board registers; one mode a product.
public enum RegistrationMode: String, Sendable, CaseIterable, Codable {
    /// 预注册: the station creates the DeviceName, the board's registration returns its DeviceSecret.
    case preRegistered = "pre-registered"
    /// 免预注册: the board's registration creates the DeviceName and returns ClientID and DeviceToken; MQTT only.
    case noPreregistration = "no-preregistration"
}

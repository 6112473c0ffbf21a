import Provisioning

/// What the cloud hands out for a registration, over either channel; told apart by the fields that are there, since
/// documentation and SDKs disagree about the topic.
struct RegistrationResult: Decodable {
    let productKey, deviceName: String
    let deviceSecret, clientID, deviceToken: String?

    private enum Key: String, CodingKey { case productKey, deviceName, deviceSecret, clientId, deviceToken }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        productKey = try fields.decode(String.self, forKey: .productKey)
        deviceName = try fields.decode(String.self, forKey: .deviceName)
        deviceSecret = fields.optional(.deviceSecret)
        clientID = fields.optional(.clientId)
        deviceToken = fields.optional(.deviceToken)
    }

    /// - Throws: `.otherDevice` if the result is not for the device asked for.
    func check(productKey: String, deviceName: String) throws(RegistrationError) {
        guard self.productKey == productKey, self.deviceName == deviceName else {
            throw RegistrationError(
                .otherDevice,
                "The result is for another device than \(deviceName) of \(productKey); it was thrown away.")
        }
    }

    /// The DeviceSecret of a pre-registered device.
    func secret() throws(RegistrationError) -> Secret {
        guard let deviceSecret else {
            throw RegistrationError(
                .unexpected,
                clientID == nil
                    ? "The registration's result has no DeviceSecret."
                    : "The registration's result is a ClientID, as without pre-registration; expected a DeviceSecret.")
        }
        guard !deviceSecret.isEmpty else {
            throw RegistrationError(.unexpected, "The registration's result has an empty DeviceSecret.")
        }
        return Secret(deviceSecret)
    }

    /// The pair of a device without pre-registration.
    func credential() throws(RegistrationError) -> ClientCredential {
        guard let clientID, let deviceToken else {
            throw RegistrationError(
                .unexpected,
                deviceSecret == nil
                    ? "The registration's result has no ClientID and DeviceToken."
                    : "The registration's result is a DeviceSecret, as with pre-registration; expected a ClientID.")
        }
        return try ClientCredential(clientID: clientID, deviceToken: Secret(deviceToken))
    }
}

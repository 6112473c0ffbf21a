import BoardProtocols
public import Provisioning

/// Hands the product credential to a running application as two settings, and proves that they are there.
///
/// The secret leaves only towards the board; an error names the setting and never its value.
public struct SMPCredential: Sendable {
    /// The settings' names, such as `cred/product_key`.
    public let keyName: String
    public let secretName: String
    private let productKey: String
    private let productSecret: Secret

    public init(
        productKey: String, productSecret: Secret, keyName: String = "cred/product_key",
        secretName: String = "cred/product_secret"
    ) {
        (self.productKey, self.productSecret) = (productKey, productSecret)
        (self.keyName, self.secretName) = (keyName, secretName)
    }

    /// Whether the board has both values already.
    /// - Throws: ``LoaderError`` of the exchange.
    public func holds(_ session: SMPSession) throws(LoaderError) -> Bool {
        try differing(session) == nil
    }

    /// Writes and saves both values where they are not there yet, and reads them back.
    /// - Returns: false where the board had them already and nothing was written.
    /// - Throws: ``LoaderError`` `verifyMismatch` with the setting's name, `protocolError` for a refusal, and those of
    ///   the exchange.
    @discardableResult
    public func write(_ session: SMPSession) throws(LoaderError) -> Bool {
        guard try !holds(session) else { return false }
        try session.save([(keyName, Array(productKey.utf8)), (secretName, productSecret.withBytes { $0 })])
        if let name = try differing(session) {
            throw LoaderError(
                .verifyMismatch, "setting \(name) does not read back as written: check the firmware's settings store")
        }
        return true
    }

    /// The name of the first setting whose value is another one; nil where both fit.
    private func differing(_ session: SMPSession) throws(LoaderError) -> String? {
        guard let key = try session.readSetting(keyName), key == Array(productKey.utf8) else { return keyName }
        guard let secret = try session.readSetting(secretName), Secret(bytes: secret) == productSecret else {
            return secretName
        }
        return nil
    }
}

extension SMPSession {
    /// Writes settings, makes them take effect and keeps them.
    func save(_ settings: [(name: String, value: [UInt8])]) throws(LoaderError) {
        for setting in settings { _ = try ask(.writeSetting(setting.name, setting.value)) }
        // Firmware whose settings need no commit may leave the command out.
        if case .refused(let refusal) = try query(.commitSettings), !refusal.isNotSupported {
            throw LoaderError(refusal, to: .commitSettings)
        }
        _ = try ask(.saveSettings)
    }
}

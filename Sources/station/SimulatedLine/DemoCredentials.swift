import Provisioning
import Vault

/// The credentials a demo's cloud is made with; they exist in memory, in the vault and in the cloud's folder only.
struct DemoCredentials: Sendable {
    let productKey = "a1" + Self.random(9)
    let productSecret = Secret(Self.random(16))
    let accessKeyID = "LTAI" + Self.random(16)
    let accessKeySecret = Secret(Self.random(30))
    let networkPassword = Secret(Self.random(12))

    private static func random(_ count: Int) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).compactMap { _ in letters.randomElement(using: &generator) })
    }

    /// Account and product as the stand-in's configuration names them, which reaches it on standard input. What follows on its
    /// last line belongs to the product.
    var standInTables: String {
        """
        [[access_keys]]
        id = "\(accessKeyID)"
        secret = "\(accessKeySecret.revealed)"

        [[products]]
        key = "\(productKey)"
        secret = "\(productSecret.revealed)"
        """
    }

    /// Seals the secrets into the demo station's vault.
    func seal(in folder: DemoFolder) throws {
        let vault = try Vault.open(dataFolder: folder.station)
        try vault.seal(productSecret, as: SecretName("product/" + productKey))
        try vault.seal(accessKeySecret, as: SecretName("access-key/" + accessKeyID))
        try vault.seal(networkPassword, as: SecretName("network/line"))
    }
}

import Foundation
import Provisioning
import Vault

/// The folder of one demo: `station/` as on a line PC, `boards/` with every board's flash, `cloud/` with what the cloud
/// holds. Secrets stand in `boards/` and `cloud/` alone.
struct DemoFolder: Sendable {
    let root: String

    var station: String { root + "/station" }
    var boards: String { root + "/boards" }
    var cloud: String { root + "/cloud" }
    var firmware: String { station + "/firmware" }
    /// The images of a profile's release.
    func firmware(of profile: BoardProfile) -> String { firmware + "/" + profile.name }
    var cloudReady: String { cloud + "/ready.json" }
    var fixtureReady: String { boards + "/ready.json" }
    var plan: String { boards + "/plan.json" }
    var configuration: String { station + "/station.toml" }

    /// Why a folder cannot be used.
    struct UsedFolder: Error, CustomStringConvertible {
        let description: String
    }

    /// Makes the folder; without a name a temporary one.
    /// - Throws: ``UsedFolder`` when something is in it already.
    init(path: String?) throws {
        root =
            path.map { lexicallyAbsolute($0) } ?? FileManager.default.temporaryDirectory.path + "/station-demo-"
            + UUID().uuidString.prefix(8)
        let manager = FileManager.default
        if let content = try? manager.contentsOfDirectory(atPath: root), !content.isEmpty {
            throw UsedFolder(description: "\(root) is in use (\(content.count) entries); name a new folder with --data")
        }
        for folder in [root, station, boards, cloud, firmware] {
            try manager.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }
}

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

    /// Seals both secrets into the demo station's vault.
    func seal(in folder: DemoFolder) throws {
        let vault = try Vault.open(dataFolder: folder.station)
        try vault.seal(productSecret, as: SecretName("product/" + productKey))
        try vault.seal(accessKeySecret, as: SecretName("access-key/" + accessKeyID))
        try vault.seal(networkPassword, as: SecretName("network/line"))
    }
}

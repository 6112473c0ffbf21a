import Foundation
import Provisioning

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

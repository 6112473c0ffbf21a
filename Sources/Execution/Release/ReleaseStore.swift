import Foundation
import Journal
public import Provisioning
import Crypto

/// The station's own copies of released images, one folder a release, checked against the journal before each use.
public struct ReleaseStore: Sendable {
    /// `DATA/releases`.
    public let folder: String

    /// What is wrong with a release, with both values.
    public struct ReleaseError: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    public init(dataFolder: String) { folder = dataFolder + "/releases" }

    /// Copies the images that `profile` names from `source` and returns the release to be journaled.
    /// - Throws: ``ReleaseError`` naming every image that is missing, empty or larger than its region.
    public func add(
        from source: String, profile: BoardProfile, version: String, deviceSDK: String? = nil,
        ship: [String: String] = [:]
    ) throws -> Release {
        guard (1...32).contains(version.count),
            version.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-_+".contains($0)) })
        else { throw ReleaseError(description: "version \"\(version)\": expected 1 to 32 letters, digits and . - _ +") }
        var problems: [String] = []
        var images: [(region: BoardProfile.Region, bytes: [UInt8])] = []
        for region in profile.flash.regions {
            let path = source + "/" + region.file
            guard let data = FileManager.default.contents(atPath: path) else {
                problems.append("\(path) is not there (region \(region.name))")
                continue
            }
            if data.isEmpty { problems.append("\(path) is empty") }
            if data.count > region.size {
                problems.append("\(path) has \(data.count) bytes, region \(region.name) takes \(region.size)")
            }
            images.append((region, Array(data)))
        }
        let checks = profile.shipChecks.map(\.name)
        for name in ship.keys.sorted() where !checks.contains(name) {
            problems.append(
                "profile \(profile.name) has no ship check \"\(name)\"; it has "
                    + (checks.isEmpty ? "none" : checks.joined(separator: ", ")))
        }
        guard problems.isEmpty else { throw ReleaseError(description: problems.joined(separator: "; ")) }
        let listed = images.map { image in
            Release.Image(
                region: image.region.name, file: image.region.file, size: image.bytes.count,
                sha256: Self.sha256(image.bytes))
        }
        let whole = Self.sha256(Array(listed.map { "\($0.sha256)  \($0.region)\n" }.joined().utf8))
        let target = path(profile: profile.name, version: version, sha256: whole)
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        for image in images {
            let file = target + "/" + image.region.name
            try DurableFile.replace(file, with: image.bytes)
        }
        return Release(
            profile: profile.name, version: version, images: listed, sha256: whole, deviceSDK: deviceSDK, ship: ship)
    }

    /// The images of `release` by region name, each proved to be what was released.
    /// - Throws: ``ReleaseError`` with the expected and the received digest when a file changed on disk.
    public func images(of release: Release) throws -> [String: [UInt8]] {
        var images: [String: [UInt8]] = [:]
        for image in release.images {
            let file =
                path(profile: release.profile, version: release.version, sha256: release.sha256) + "/" + image.region
            guard let data = FileManager.default.contents(atPath: file) else {
                throw ReleaseError(description: "\(file) is missing; add the release again under a new version")
            }
            let digest = Self.sha256(Array(data))
            guard digest == image.sha256 else {
                throw ReleaseError(description: "\(file): expected SHA-256 \(image.sha256), received \(digest)")
            }
            images[image.region] = Array(data)
        }
        return images
    }

    /// The digest keeps apart two contents that somebody gave one version: the journal takes only one of them.
    private func path(profile: String, version: String, sha256: String) -> String {
        "\(folder)/\(profile)/\(version)-\(sha256.prefix(16))"
    }

    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

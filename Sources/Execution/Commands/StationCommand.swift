public import Journal
public import Provisioning

/// A change that a person asks of the station. It enters like any other input: a running daemon takes it over its control
/// socket, without a daemon the command line performs it itself.
public enum StationCommand: Codable, Sendable {
    /// Copies the profile's images from a folder and records them as a release.
    case addRelease(folder: String, profile: String, version: String)
    case createOrder(productKey: String, release: String, profile: String, quota: Int)
    /// Opens, holds or closes an order.
    case changeOrder(id: String, state: String, leavingUnsettled: Bool, reason: String)
    /// Lets a unit on hold run again.
    case releaseUnit(deviceName: String, reason: String)

    /// What is wrong with a command, as a sentence with both values.
    public struct CommandError: Error, Sendable, CustomStringConvertible {
        public let description: String

        public init(description: String) { self.description = description }
    }

    /// Performs the command.
    /// - Parameter profiles: the board profiles the station knows, by name.
    /// - Returns: what was made or changed, as JSON.
    public func perform(
        journal: Journal, releases: ReleaseStore, profiles: [String: BoardProfile], actor: String
    ) async throws -> JSONValue {
        switch self {
        case .addRelease(let folder, let name, let version):
            let release = try releases.add(
                from: folder, profile: try Self.profile(name, profiles), version: version)
            try await journal.addRelease(release, actor: actor)
            return release.json
        case .createOrder(let productKey, let release, let name, let quota):
            guard (1...32).contains(productKey.count),
                productKey.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
            else {
                throw CommandError(description: "ProductKey \"\(productKey)\": expected 1 to 32 letters and digits")
            }
            _ = try Self.profile(name, profiles)
            return try await journal.createOrder(
                productKey: productKey, release: release, profile: name, quota: quota, actor: actor
            ).json
        case .changeOrder(let id, let text, let leavingUnsettled, let reason):
            guard let state = WorkOrder.State(rawValue: text), state != .draft else {
                throw CommandError(description: "state \"\(text)\": expected open, held or closed")
            }
            return try await journal.changeOrder(
                id, to: state, leavingUnsettled: leavingUnsettled, reason: reason, actor: actor
            ).json
        case .releaseUnit(let deviceName, let reason):
            let unit = try await journal.releaseUnit(deviceName: deviceName, reason: reason, actor: actor)
            return ["device_name": .string(unit.deviceName.text), "state": .string(unit.state.rawValue)]
        }
    }

    private static func profile(_ name: String, _ profiles: [String: BoardProfile]) throws -> BoardProfile {
        guard let profile = profiles[name] else {
            throw CommandError(
                description:
                    "there is no board profile \"\(name)\"; known: \(profiles.keys.sorted().joined(separator: ", "))")
        }
        return profile
    }
}

extension WorkOrder {
    /// As `--json` and the control socket print it.
    public var json: JSONValue {
        [
            "order": .string(id), "product_key": .string(productKey), "release": .string(release),
            "profile": .string(profile), "quota": .init(quota), "claimed": .init(claimed), "left": .init(left),
            "state": .string(state.rawValue), "hold_code": .init(holdCode),
        ]
    }
}

extension Release {
    /// As `--json` and the control socket print it.
    public var json: JSONValue {
        [
            "profile": .string(profile), "version": .string(version), "sha256": .string(sha256),
            "images": .array(
                images.map {
                    [
                        "region": .string($0.region), "file": .string($0.file), "size": .init($0.size),
                        "sha256": .string($0.sha256),
                    ]
                }),
        ]
    }
}

import Execution
import Foundation
import Journal
import Provisioning
import Simulation

/// A whole line set up in one folder: the cloud stand-in and a fixture full of boards as child processes, and in this one the
/// station that `serve` runs.
///
/// ```
/// prepare ─► cloud ─► plan ─► fixture ─► station ─► order
/// ```
/// What is tried on it, a demo's boards or hours of work, is its user's.
struct SimulatedLine: Sendable {
    /// The station's name.
    let name: String
    let folder: DemoFolder
    /// Where the board profiles lie.
    let home: StationHome
    /// The kinds of boards; slots take them in turn.
    let profiles: [BoardProfile]
    let slots: Int
    var instance = DemoInstance.public
    /// Whether dynamic registration of the product is on.
    var isSwitchOn = true
    /// How long the station waits out trouble; nil = as it does by itself.
    var holdAfter: Duration?
    let credentials = DemoCredentials()

    private static let version = "1.0.0"

    /// The kind of boards of a slot, from 0.
    func profile(ofSlot index: Int) -> BoardProfile { profiles[index % profiles.count] }

    /// Seals the secrets and writes what each profile asks of a release.
    func prepare() throws {
        try credentials.seal(in: folder)
        for profile in profiles {
            let target = folder.firmware(of: profile)
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
            for (file, bytes) in try SimulatedFamily(of: profile).images(version: Self.version) {
                try Data(bytes).write(to: URL(fileURLWithPath: target + "/" + file))
            }
        }
    }

    /// The fixture's process, which reads the plan.
    var fixture: Companion {
        Companion(
            arguments: ["simulate", "fixture", "--plan", folder.plan, "--ready-file", folder.fixtureReady], input: "",
            logFile: folder.boards + "/fixture.log", readyFile: folder.fixtureReady)
    }

    /// Writes the fixture's plan.
    /// - Parameters:
    ///   - boards: as the plan has them.
    ///   - cloud: the ready file by which the boards find the cloud.
    ///   - ports: of the slots' control sockets, in order; free ones where there are none.
    ///   - options: what else the plan says.
    func writePlan(
        boards: [JSONValue], cloud: String, ports: [Int] = [], options: [String: JSONValue] = [:]
    ) throws {
        let slots = (0..<slots).map { index in
            [
                "name": .string("slot-\(index + 1)"), "link": .string(folder.boards + "/slot-\(index + 1)"),
                "usb": .string("1-\(index + 1)"), "control_port": .init(ports.isEmpty ? nil : ports[index]),
            ] as JSONValue
        }
        let plan: [String: JSONValue] = [
            "slots": .array(slots), "boards": .array(boards), "cloud": .string(cloud), "retry_seconds": 2,
        ]
        try JSONValue.object(plan.merging(options) { $1 }).text.write(
            toFile: folder.plan, atomically: true, encoding: .utf8)
    }

    /// Adds the release of a profile, makes an order for it and opens it.
    /// - Parameter actor: who does it.
    /// - Returns: the order's id.
    func openOrder(
        on station: StationComposition, _ profile: BoardProfile, quota: Int, mode: RegistrationMode = .preRegistered,
        activation: ActivationMode = .board, firstArticle: Bool = false, by actor: String
    ) async throws -> String {
        func perform(_ command: StationCommand) async throws -> JSONValue {
            try await command.perform(station.context(actor: actor))
        }
        _ = try await perform(
            .addRelease(
                folder: folder.firmware(of: profile), profile: profile.name, version: Self.version, deviceSDK: "c-4.2.0"
            ))
        let made = try await perform(
            .createOrder(
                StationCommand.OrderDraft(
                    productKey: credentials.productKey, release: Self.version, profile: profile.name, quota: quota,
                    mode: mode.rawValue, activation: activation.description, firstArticle: firstArticle,
                    stopOnRepetition: false)))
        let id = made["order"].string ?? ""
        _ = try await perform(
            .changeOrder(id: id, state: WorkOrder.State.open.rawValue, leavingUnsettled: false, reason: actor))
        return id
    }
}

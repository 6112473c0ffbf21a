import Journal
import Provisioning
import Simulation

/// The journal after a long run beside itself and the cloud: every claim a unit, every pass active there, no device beside the
/// units, no failure but of boards that went away with their process.
struct SoakAudit {
    /// Codes of boards that went away, as all do when the boards' process is ended.
    private static let lostCodes: Set<FailureCode> = [
        .noResponse, .removedAtIdentify, .loaderLost, .removedAtFlash, .removedAtVerify, .removedAtBoot,
        .removedAtActivate,
    ]

    let journal: Journal
    let order: String
    let devices: [ListedDevice]
    /// The most boards that can have gone away.
    let lost: Int

    /// What is wrong, in sentences.
    func troubles() async throws -> [String] {
        var troubles: [String] = []
        let verified = try await journal.verify()
        if let bad = verified.firstBad { troubles.append("journal: record \(bad.seq): \(bad.reason)") }
        let units = try await journal.units(order: order)
        let claimed = try await journal.order(order)?.claimed ?? 0
        if units.count != claimed { troubles.append("\(claimed) claims, \(units.count) units") }
        let active = Set(devices.filter { $0.activated != nil }.map(\.deviceName))
        if Set(devices.map(\.deviceName)).count != devices.count { troubles.append("one name has two devices") }
        for unit in units where unit.state == .passed && !active.contains(unit.deviceName.text) {
            troubles.append("\(unit.deviceName) passed and is not active")
        }
        for name in active.subtracting(units.map(\.deviceName.text)) {
            troubles.append("\(name) is active and no unit")
        }
        let failed = try await journal.runs(order: order).filter { $0.outcome == .fail }
        let known = Set(Self.lostCodes.map(\.text))
        for run in failed where !known.contains(run.failureCode ?? "") {
            troubles.append("run \(run.id): fail \(run.failureCode ?? "")")
        }
        if failed.count > lost { troubles.append("\(failed.count) failures, \(lost) boards were lost at most") }
        return troubles
    }
}

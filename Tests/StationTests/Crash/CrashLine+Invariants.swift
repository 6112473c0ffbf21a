import Foundation
import Journal
import Locking
import Provisioning
import Simulation
import Testing

/// What must be so on a line whatever its station was doing when it was cut off.
extension CrashLine {
    /// - Parameter place: where the station was cut off, for the reader of a failure.
    func checkInvariants(after place: String) async throws {
        let records = try await journal.follow()
        func all(_ kind: String) -> [JournalRecords.Record] { records.filter { $0.kind == kind } }

        let claims = all("claim.bound").filter { $0.body["first"].bool == true }
        let claimed = claims.compactMap { $0.body["device_name"].string }
        #expect(Set(claimed).count == claimed.count, "\(place): a name was claimed twice: \(claimed)")
        #expect(Set(claims.compactMap { $0.body["unit"].int }).count == claims.count, "\(place): one unit, two claims")
        let first = Dictionary(claims.map { ($0.body["unit"].int ?? 0, $0.seq) }) { min($0, $1) }
        for intent in all("intent.begun") {
            guard let unit = intent.body["unit"].int else { continue }
            #expect(first[unit].map { $0 < intent.seq } == true, "\(place): an intent before its unit's claim")
        }

        let started = all("run.started").compactMap { $0.body["run"].int }
        let concluded = all("run.concluded")
        #expect(started == Set(started).sorted(), "\(place): a run's number was given twice")
        #expect(
            concluded.compactMap { $0.body["run"].int }.sorted() == started,
            "\(place): not every run was concluded exactly once")
        for pass in concluded where pass.body["outcome"].string == "pass" {
            #expect(pass.body["evidence"]["activated_at"].string != nil, "\(place): a pass without evidence")
        }

        let own = try Journal(folder: bed.data, access: .readOnly)
        let orders = try await own.orders()
        let returned = all("workflow.concluded").count { $0.body["quota_returned"].bool == true }
        #expect(orders.allSatisfy { $0.claimed <= $0.quota }, "\(place): more is claimed than the quota")
        #expect(
            orders.reduce(0) { $0 + $1.claimed } == claimed.count - returned,
            "\(place): \(claimed.count) units less \(returned), counted \(orders.map(\.claimed))")
        let devices = try await cloud.admin.devices().map(\.deviceName).filter { $0 != Self.probeName }
        #expect(Set(devices).count == devices.count, "\(place): a name stands twice in the cloud")
        let strangers = Set(devices).subtracting(claimed).subtracting(others.now)
        #expect(strangers.isEmpty, "\(place): devices without a claim: \(strangers)")
        #expect(try await verifies(bed.data), "\(place): the journal does not verify")
    }

    /// At the end of a line: journal and cloud agree about every name, by the keyed digest of its secret too, and other
    /// code counts the batch as the station does.
    func checkBatch() async throws {
        let found = try await cloud.reconcile()
        #expect(found.code == 0, "\(found.classes.filter { $0.value != "ok" }) \(found.trouble.suffix(500))")
        guard IndependentCheck.python != nil else { return }
        let (report, export) = (bed.folder + "/batch.json", bed.folder + "/export.jsonl")
        let text = try await bed.station("report", "batch", bed.order, "--format", "json")
        try text.write(toFile: report, atomically: true, encoding: .utf8)
        try await IndependentCheck.export(bed.data, to: export)
        let checked = try await IndependentCheck.reports([report], journal: export)
        #expect(checked.isSuccess, "\(checked.output.suffix(1000))")
    }

    // MARK: - A board

    /// How the board's runs have ended: outcome and failure code.
    func ends(_ board: Int) async throws -> [(outcome: String, code: String)] {
        let name = bed.deviceName(board)
        let records = try await journal.follow()
        let unit = records.last { $0.kind == "claim.bound" && $0.body["device_name"].string == name }?.body["unit"].int
        return records.filter { $0.kind == "run.concluded" && $0.body["unit"].int == unit && unit != nil }.map {
            ($0.body["outcome"].string ?? "?", $0.body["failure_code"].string ?? "")
        }
    }

    /// The board's unit has passed exactly so often; its other runs were cut off, or ended with one of these codes; and its
    /// one device is active, with one ClientID at most.
    func expectPassed(_ board: Int, passes: Int = 1, besides: Set<String> = ["CL-104"]) async throws {
        let name = bed.deviceName(board)
        let ends = try await ends(board)
        #expect(ends.count { $0.outcome == "pass" } == passes, "\(name): \(ends)")
        #expect(
            ends.allSatisfy { ["pass", "interrupted"].contains($0.outcome) || besides.contains($0.code) },
            "\(name): \(ends)")
        let devices = try await cloud.admin.devices().filter { $0.deviceName == name }
        #expect(devices.count == 1 && devices.first?.activated != nil, "\(name): \(devices)")
        let clientIDs = bed.ways.mode == .noPreregistration ? 1 : 0
        #expect(devices.first?.clientIDs.count == clientIDs, "\(name): \(devices)")
    }
}

import Execution
import Foundation
import Journal
import Locking
import Provisioning
import Simulation

extension Demo {
    /// What journal and cloud hold of it in the end.
    func tally(
        _ station: StationComposition, _ orders: [String], _ ready: ReadyFile
    ) async throws -> DemoReport.Tally {
        var units: [BoardUnit] = []
        for order in orders { units += try await station.journal.units(order: order) }
        return DemoReport.Tally(
            units: units, firstClaims: try await firstClaims(station.journal),
            devices: try await CloudAdmin(ready).devices().filter { $0.deviceName != CloudDesk.probeName },
            isChainWhole: try await station.journal.verify().isClean,
            writtenIntruders: try intruders.filter { try isWritten($0.id) }.count)
    }

    /// Claims by which a board became a unit.
    private func firstClaims(_ journal: Journal) async throws -> Int {
        let count = Locked(0)
        try await journal.export(.jsonl) { line in
            guard line.contains("claim.bound") else { return }
            let record = try JSONValue(parsing: JSONValue(parsing: line)["record"].string ?? "")
            if record["kind"].string == "claim.bound", record["body"]["first"].bool == true {
                count.withLock { $0 += 1 }
            }
        }
        return count.withLock { $0 }
    }

    /// Whether a flash file holds the images of the release where the profile says.
    func holdsRelease(_ file: String, _ profile: BoardProfile) throws -> Bool {
        let flash = try Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped)
        return try profile.flash.regions.allSatisfy { region in
            let image = try Data(contentsOf: URL(fileURLWithPath: folder.firmware(of: profile) + "/" + region.file))
            let place = region.offset..<region.offset + image.count
            return place.upperBound <= flash.count && flash.subdata(in: place) == image
        }
    }

    /// Whether anything stands in a board's flash.
    private func isWritten(_ board: DemoBoard.ID) throws -> Bool {
        guard FileManager.default.fileExists(atPath: flash(of: board)) else { return false }
        return try Data(contentsOf: URL(fileURLWithPath: flash(of: board)), options: .alwaysMapped)
            .contains { $0 != 0xFF }
    }

    /// Writes the journal's export.
    func writeExport(_ journal: Journal) async throws {
        let exports = folder.station + "/exports"
        try FileManager.default.createDirectory(atPath: exports, withIntermediateDirectories: true)
        let file = exports + "/journal.jsonl"
        guard FileManager.default.createFile(atPath: file, contents: nil) else {
            throw Companion.CompanionError(description: "\(file) cannot be written")
        }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        try await journal.export(.jsonl) { try handle.write(contentsOf: Data($0.utf8)) }
        try handle.close()
    }
}

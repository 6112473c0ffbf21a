import AliyunIoT
import CutPoint
import Journal
import Provisioning

/// The ClientIDs of a device without pre-registration: which are this unit's own, and which one it keeps.
///
/// A second ClientID is expected when the same proven unit runs again and registers anew; the run keeps the one that was
/// created after its power-on and makes the older ones void. Any other second ClientID is a duplicate: another board, or
/// somebody else, registers under the name.
struct ClientIDStep {
    let journal: Journal
    let desk: CloudDesk
    let patience: Patience
    let run: Int64
    let unit: BoardUnit
    let actor: String

    /// The ClientIDs while the board cannot connect.
    /// - Throws: ``Failure`` with `duplicateClientIDs` where more are there than this unit's runs explain.
    func look(iotID: String) async throws -> Set<String> {
        let found = try await query(iotID)
        let unexplained = found.subtracting([unit.clientID].compactMap(\.self))
        // Each boot since the last one was settled may have made one.
        guard unexplained.count <= unit.unsettledBoots else {
            throw Failure(
                .duplicateClientIDs,
                "\(unit.deviceName) has \(found.count) ClientIDs, \(unexplained.count) of them unknown; expected at most "
                    + "\(unit.unsettledBoots) unknown")
        }
        return found
    }

    /// Settles the ClientIDs once the device was proved active.
    /// - Parameters:
    ///   - before: those of ``look(iotID:)``; empty where the name was not there.
    ///   - issued: the one the station was given for the board; nil where the board registered by itself.
    ///   - attempts: how often the station registered for it in this run; a lost answer may have left a ClientID behind.
    /// - Returns: the one the unit keeps.
    /// - Throws: ``Failure`` with `duplicateClientIDs`.
    func settle(
        iotID: String, before: Set<String>, issued: String?, attempts: Int = 1
    ) async throws -> String {
        var found = try await query(iotID)
        let new = found.subtracting(before)
        let kept: String
        if let issued, new.contains(issued), new.count <= attempts {
            kept = issued
        } else if issued == nil, new.count == 1, let only = new.first {
            kept = only
        } else if issued == nil, new.isEmpty, found.count == 1, let only = found.first {
            kept = only
        } else {
            throw Failure(
                .duplicateClientIDs,
                "\(unit.deviceName) had \(before.count) ClientIDs before power-on and has \(found.count) now, \(new.count) "
                    + "of them new: it cannot be told which is this board's")
        }
        while found.count > 1 { found = try await void(allBut: kept, iotID: iotID) }
        try await journal.keepClientID(
            kept, run: run, unit: unit.id, iotID: iotID, found: before.union(new).sorted(), actor: actor)
        return kept
    }

    private func query(_ iotID: String) async throws -> Set<String> {
        try await patience.ask {
            Set(
                try await desk.api.queryClientIDs(iotID: iotID, priority: .running, within: patience.oneCall)
                    .map(\.clientID))
        }
    }

    /// Makes the older ones void; whether it worked is looked at, whatever the answer was.
    private func void(allBut kept: String, iotID: String) async throws -> Set<String> {
        let intent = try await journal.beginIntent(
            .run(run), unit: unit.id, effect: .keepClientID, key: kept, details: ["iot_id": .string(iotID)],
            actor: actor)
        CutPoint.reach("client-id.before")
        var answer = "kept"
        do {
            try await patience.ask {
                _ = try await desk.api.transformClientID(
                    iotID: iotID, keeping: kept, priority: .running, within: patience.oneCall)
            }
        } catch let failure as Failure where failure.code != .slotStopping {
            answer = failure.description
        } catch {
            if !(error is JournalError) {
                try await journal.finishIntent(
                    intent, unit: unit.id, effect: .keepClientID, isKnown: false, result: "\(error)", actor: actor)
            }
            throw error
        }
        CutPoint.reach("client-id.after")
        let found = try await query(iotID)
        let isDone = found == [kept]
        try await journal.finishIntent(
            intent, unit: unit.id, effect: .keepClientID, isKnown: true, result: isDone ? "kept" : answer, actor: actor)
        guard isDone else {
            throw Failure(
                .duplicateClientIDs,
                "\(unit.deviceName): the older ClientIDs could not be made void (\(answer)); \(found.count) are there")
        }
        return found
    }
}

import Foundation
import Journal
import Provisioning
import Testing

@Suite("The journal on storage that fails")
struct StorageFaultTests {
    /// All faults of the full form; of the usual one those that differ most.
    static let faults = isFull ? FaultyStorage.Fault.all : Array(FaultyStorage.Fault.all.prefix(2))
    static let isFull = ProcessInfo.processInfo.environment["STATION_FULL"] == "1"

    @Test(
        "whichever call fails: what was acknowledged is there, what failed is whole or not there, nothing else is",
        arguments: faults)
    func everyCall(fault: FaultyStorage.Fault) async throws {
        let bed = try TemporaryJournal()
        let model = bed.work("model")
        await model.prepare()
        // Once without a fault: what each step writes, and how many calls there are.
        let whole = try bed.copy(of: model, "whole")
        let storage = try FaultyStorage(folder: whole.data)
        storage.fail(fault, at: nil)
        await whole.perform()
        let calls = storage.calls
        #expect(whole.result.allSatisfy { $0 == .acknowledged } && calls > 100)
        let reference = try await JournalContent(Journal(folder: whole.data, witness: whole.witness))

        var failed = 0
        for nth in 1...calls {
            let work = try bed.copy(of: model, "\(nth)")
            defer { bed.remove(work) }
            let storage = try FaultyStorage(folder: work.data)
            storage.fail(fault, at: nth)
            await work.perform()
            let call = storage.failure ?? "none"
            storage.heal()
            if work.result.contains(.failed) { failed += 1 }
            // What comes after it may be refused because it was not recorded.
            if let error = work.failures.first {
                #expect((error as? JournalError)?.code == .storage, "call \(nth) (\(call)): \(error)")
            }
            try await Self.check(work, reference, "call \(nth) (\(call))")
        }
        #expect(failed > calls / 4, "\(failed) of \(calls) faults were noticed")
        print("storage: \(fault.testDescription): \(calls) calls, \(failed) stopped a step")
    }

    @Test("a head or a witness that cannot be read is not taken for one that is not there", arguments: [true, false])
    func unreadable(isHead: Bool) async throws {
        let bed = try TemporaryJournal()
        let work = bed.work("station")
        await work.prepare()
        let path = isHead ? work.data + "/head" : work.witness
        let kept = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect(kept ?? 0 > 0)
        // A folder opens and does not read, for any user.
        try FileManager.default.moveItem(atPath: path, toPath: path + ".kept")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        await #expect {
            let journal = try Journal(folder: work.data, witness: work.witness)
            try await journal.writeHead()
        } throws: {
            ($0 as? JournalError)?.code == .folder
        }
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + ".kept", toPath: path)
        #expect(try await Journal(folder: work.data, witness: work.witness).productionHold() == nil)
    }

    /// Opens the journal. A program that another test starts just then holds its lock until it runs (fork(2), exec(2)).
    private static func opened(_ work: JournalWork) async throws -> Journal {
        for _ in 0..<500 {
            do { return try Journal(folder: work.data, witness: work.witness) } catch let error as JournalError {
                guard error.code == .locked else { throw error }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        return try Journal(folder: work.data, witness: work.witness)
    }

    /// Opens the journal anew and compares it with what was acknowledged.
    static func check(
        _ work: JournalWork, _ reference: JournalContent, acknowledged: [JournalWork.Result]? = nil, _ place: String
    ) async throws {
        let journal: Journal
        do { journal = try await opened(work) } catch {
            Issue.record("\(place): the journal does not open: \(error)")
            return
        }
        let found = try await journal.verify()
        #expect(found.isClean, "\(place): \(String(describing: found.firstBad))")
        let content = try await JournalContent(journal)
        #expect(content.isInOrder && content.others == reference.others, "\(place): \(content.others)")
        for (step, result) in (acknowledged ?? work.result).enumerated() {
            let (there, written) = (content.steps[step, default: 0], reference.steps[step, default: 0])
            switch result {
            case .acknowledged:
                #expect(there == written, "\(place): step \(step) was acknowledged, has \(there) records")
            case .failed:
                #expect(there == 0 || there == written, "\(place): step \(step) has \(there) of \(written) records")
            case .notTried: #expect(there == 0, "\(place): step \(step) was not tried, has \(there) records")
            }
        }
        #expect(
            content.steps.keys.allSatisfy { $0 < (acknowledged ?? work.result).count }, "\(place): invented records")
        #expect(try await journal.productionHold() == nil, "\(place)")
        // The next board finds the quota as it must be.
        let units = try await journal.units(order: JournalWork.order)
        #expect(try await journal.order(JournalWork.order)?.claimed ?? 0 == units.count, "\(place)")
        #expect(try await journal.concludeInterrupted(actor: "after").count <= 1, "\(place)")
        #expect(try await journal.verify().isClean, "\(place)")
    }
}

/// Folders with journals, in memory where the system has a place for that, removed with the value.
final class TemporaryJournal: Sendable {
    let folder: String

    init() throws {
        let parent =
            FileManager.default.isWritableFile(atPath: "/dev/shm")
            ? "/dev/shm" : FileManager.default.temporaryDirectory.path
        folder = parent + "/journal-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func work(_ name: String = "station") -> JournalWork {
        JournalWork(data: folder + "/" + name, witness: folder + "/" + name + ".head")
    }

    /// A copy of a journal that nobody has open.
    func copy(of other: JournalWork, _ name: String) throws -> JournalWork {
        let work = JournalWork(data: folder + "/" + name, witness: folder + "/" + name + ".head", done: other.result)
        try FileManager.default.copyItem(atPath: other.data, toPath: work.data)
        try FileManager.default.copyItem(atPath: other.witness, toPath: work.witness)
        return work
    }

    func remove(_ work: JournalWork) {
        try? FileManager.default.removeItem(atPath: work.data)
        try? FileManager.default.removeItem(atPath: work.witness)
    }
}

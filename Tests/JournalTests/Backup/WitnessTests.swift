import Foundation
import Journal
import Provisioning
import Testing

@Suite("The witness of the journal's head")
struct WitnessTests {
    let folder: String
    var data: String { folder + "/data" }
    var witness: String { HeadWitness.defaultPath(dataFolder: data) }

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/witness-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// A station's journal with an open order of three.
    private func begin() async throws -> Journal {
        let journal = try Journal(folder: data, witness: witness)
        try await journal.addRelease(
            Release(profile: "esp32c3", version: "1.0.0", images: [], sha256: "00"), actor: "test")
        let draft = try await journal.createOrder(
            WorkOrder.Terms(productKey: "a1test", release: "1.0.0", profile: "esp32c3", quota: 3), actor: "test")
        try await journal.changeOrder(draft.id, to: .open, reason: "test", actor: "test")
        return journal
    }

    private func claim(_ journal: Journal, _ mac: String) async throws -> ClaimResult {
        let address = try MACAddress(mac)
        let run = try await journal.startRun(slot: "s", order: "WO-0001", actor: "test")
        let result = try await journal.claim(
            run: run,
            request: ClaimRule.Request(
                order: "WO-0001", identity: .mac(address), uid: HardwareUID(hex: "AA" + mac, source: .chip),
                mac: address, macBlock: 4, deviceName: try DeviceName(mac), isUIDIndependent: true),
            rule: ClaimRule(), actor: "test")
        try await journal.conclude(
            run: run, conclusion: .init(outcome: .fail, failure: Failure(.notReady, "test")), isFlashed: false,
            steps: [], evidence: nil, details: nil, actor: "test")
        return result
    }

    private func copy(_ name: String) throws -> String {
        let target = folder + "/" + name
        try FileManager.default.copyItem(atPath: data, toPath: target)
        return target
    }

    private func putBack(_ copy: String) throws {
        try FileManager.default.removeItem(atPath: data)
        try FileManager.default.moveItem(atPath: copy, toPath: data)
    }

    @Test("an older copy of the folder that is put back holds production until a leader settles it; no claim is lost")
    func putBack() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var journal: Journal? = try await begin()
        #expect(try await claim(#require(journal), "7CDFA1000000").unit != nil)
        journal = nil
        let old = try copy("old")
        journal = try Journal(folder: data, witness: witness)
        #expect(try await journal?.productionHold() == nil)
        for mac in ["7CDFA1000004", "7CDFA1000008"] { #expect(try await claim(#require(journal), mac).unit != nil) }
        journal = nil
        let before = try #require(try HeadWitness.read(witness))
        #expect(before.claimed == ["WO-0001": 3])
        try putBack(old)

        let behind = try Journal(folder: data, witness: witness)
        let hold = try #require(try await behind.productionHold())
        #expect(hold.cause == .behind)
        #expect(try await claim(behind, "7CDFA100000C").refusal == .journalBehind)
        #expect(try HeadWitness.read(witness) == before, "the evidence stays")
        try await behind.settleHold(
            hold, taken: [], explained: [], reason: "the disk was replaced", actor: "cli:leader")
        // The witness has seen three claims: the quota is used up, although the journal knows of one board.
        #expect(try await behind.order("WO-0001")?.claimed == 3)
        #expect(try await claim(behind, "7CDFA100000C").refusal == .quotaReached)
        #expect(try await behind.verify().isClean)
        #expect(try HeadWitness.read(witness) != before)
    }

    @Test("a journal that comes without its witness is held, one that never had any is not")
    func missing() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var journal: Journal? = try Journal(folder: data)
        #expect(try await journal?.append(kind: .stationStarted, actor: "test", body: [:]) == 1)
        journal = nil
        journal = try Journal(folder: data, witness: witness)
        #expect(try await journal?.productionHold() == nil)
        try await journal?.writeHead()
        #expect(try HeadWitness.read(witness)?.head.seq == 1)
        journal = nil
        try FileManager.default.removeItem(atPath: witness)
        journal = try Journal(folder: data, witness: witness)
        #expect(try await journal?.productionHold()?.cause == .witnessMissing)
        journal = nil
        journal = try Journal(folder: data, witness: witness)
        #expect(try await journal?.recordCounts()["journal.behind"] == 1, "told once")
    }

    @Test("a restored journal counts what the witness of the lost one has seen")
    func restored() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let journal = try await begin()
        #expect(try await claim(journal, "7CDFA1000000").unit != nil)
        let file = folder + "/one.backup"
        _ = try JournalBackup.write(of: data, to: file)
        #expect(try await claim(journal, "7CDFA1000004").unit != nil)
        let new = folder + "/new"
        _ = try JournalRestore.restore(file, to: new, witness: HeadWitness.read(witness), actor: "cli:it")
        let restored = try Journal(folder: new, witness: HeadWitness.defaultPath(dataFolder: new))
        let hold = try #require(try await restored.productionHold())
        try await restored.settleHold(hold, taken: [], explained: [], reason: "disk died", actor: "cli:leader")
        #expect(try await restored.order("WO-0001")?.left == 1)
        #expect(try await restored.verify().isClean)
    }

    @Test("a place that cannot be written stops the opening's first head with a sentence")
    func unwritable() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let journal = try Journal(folder: data, witness: folder + "/none/there.head")
        try await journal.append(kind: .stationStarted, actor: "test", body: [:])
        await #expect(throws: JournalError.self) { try await journal.writeHead() }
    }
}

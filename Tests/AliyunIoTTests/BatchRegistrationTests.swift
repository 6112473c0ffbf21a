import AliyunIoT
import Foundation
import Provisioning
import Testing

@Suite("A batch of names, step by step")
struct BatchRegistrationTests {
    static let names = ["NAME1", "NAME2", "NAME3"]

    private func batch(_ names: [String] = names) throws -> BatchRegistration {
        try BatchRegistration(productKey: "a1", names: names)
    }

    private func page(_ names: [String], number: Int = 1, of count: Int = 1) -> BatchRegistration.Event {
        .paged(
            BatchPage(
                devices: names.map { .init(deviceName: $0, iotID: "i-\($0)") }, number: number, pageCount: count,
                total: names.count))
    }

    private func outcomes(_ action: BatchRegistration.Action) -> [BatchReport.Outcome] {
        if case .finished(let report) = action { report.rows.map(\.outcome) } else { [] }
    }

    /// Brings a batch to the start of the collection.
    private func collecting(_ names: [String] = names) throws -> BatchRegistration {
        var batch = try batch(names)
        _ = try batch.handle(.checked(BatchCheck(applyID: 7)))
        _ = try batch.handle(.polled(BatchStatus(phase: .checkSuccess)))
        _ = try batch.handle(.applied(7))
        let action = try batch.handle(.polled(BatchStatus(phase: .createSuccess)))
        #expect(action == .page(applyID: 7, number: 1, sweep: 1))
        return batch
    }

    @Test("the straight way: check, poll, apply, poll, page, and every name is created")
    func straight() throws {
        var batch = try batch()
        #expect(batch.start() == .check(names: Self.names))
        #expect(try batch.handle(.checked(BatchCheck(applyID: 7))) == .poll(applyID: 7))
        #expect(try batch.handle(.polled(BatchStatus(phase: .check))) == .poll(applyID: 7))
        #expect(try batch.handle(.polled(BatchStatus(phase: nil))) == .poll(applyID: 7))
        #expect(try batch.handle(.polled(BatchStatus(phase: .checkSuccess))) == .apply(applyID: 7))
        #expect(batch.phase == .apply)
        #expect(try batch.handle(.applied(7)) == .poll(applyID: 7))
        #expect(try batch.handle(.polled(BatchStatus(phase: .checkSuccess))) == .poll(applyID: 7), "the status lags")
        #expect(try batch.handle(.polled(BatchStatus(phase: .create))) == .poll(applyID: 7))
        #expect(
            try batch.handle(.polled(BatchStatus(phase: .createSuccess))) == .page(applyID: 7, number: 1, sweep: 1))
        #expect(
            try batch.handle(page(["NAME3", "NAME1"], of: 2)) == .page(applyID: 7, number: 2, sweep: 1))
        guard case .finished(let report) = try batch.handle(page(["NAME2"], number: 2, of: 2)) else {
            Issue.record("not finished")
            return
        }
        #expect(report.isComplete && report.createdCount == 3 && report.applyID == 7 && report.missing.isEmpty)
        #expect(report.rows[1] == .init(name: "NAME2", outcome: .created(iotID: "i-NAME2")))
    }

    @Test("refused names are taken out and the rest is checked again")
    func refused() throws {
        var batch = try batch()
        let check = BatchCheck(
            applyID: 7, invalid: [RefusedName(deviceName: "NAME2", reason: "exists")], repeated: ["NAME3"])
        #expect(try batch.handle(.checked(check)) == .check(names: ["NAME1"]))
        #expect(batch.applyID == nil)
        #expect(try batch.handle(.checked(BatchCheck(applyID: 8))) == .poll(applyID: 8))
        let failed = BatchStatus(phase: .checkFailed, invalid: [RefusedName(deviceName: "NAME1", reason: "odd")])
        let end = try batch.handle(.polled(failed))
        #expect(outcomes(end) == [.invalid(reason: "odd"), .invalid(reason: "exists"), .repeated])
    }

    @Test("bad forms and repetitions, also in other case, are settled without the cloud; each line has its row")
    func local() throws {
        var batch = try batch(["NAME1", "abc", "name1", "NAME1", "a b c d", "温度计温度计", "NAME2"])
        #expect(batch.start() == .check(names: ["NAME1", "NAME2"]))
        _ = try batch.handle(.checked(BatchCheck(applyID: 7)))
        _ = try batch.handle(.polled(BatchStatus(phase: .createSuccess)))
        let rows = outcomes(try batch.handle(page(["NAME1", "NAME2"])))
        #expect(rows.count == 7)
        #expect(rows[0] == .created(iotID: "i-NAME1") && rows[6] == .created(iotID: "i-NAME2"))
        #expect(rows[2] == .repeated && rows[3] == .repeated)
        for line in [1, 4, 5] {
            guard case .invalid = rows[line] else {
                Issue.record("line \(line): \(rows[line])")
                continue
            }
        }
        let none = try self.batch(["x"])
        #expect(outcomes(none.start()).count == 1)
        #expect(outcomes(try self.batch([]).start()) == [])
        #expect(throws: CloudError.self) { try self.batch((0...10_000).map { "N\($0)000" }) }
    }

    @Test("names the cloud leaves out are looked for three times, then reported missing; strangers are told")
    func missing() throws {
        var batch = try collecting()
        #expect(try batch.handle(page(["NAME1", "OTHER"])) == .page(applyID: 7, number: 1, sweep: 2))
        #expect(try batch.handle(page(["NAME1", "NAME2"])) == .page(applyID: 7, number: 1, sweep: 3))
        guard case .finished(let report) = try batch.handle(page([])) else {
            Issue.record("not finished")
            return
        }
        #expect(report.missing == ["NAME3"] && report.strangers == ["OTHER"] && !report.isComplete)
        #expect(report.createdCount == 2)
    }

    @Test("after a failed creation what was created counts, and the rest has the cloud's reason or is missing")
    func createFailed() throws {
        var batch = try batch()
        _ = try batch.handle(.checked(BatchCheck(applyID: 7)))
        let failed = BatchStatus(phase: .createFailed, invalid: [RefusedName(deviceName: "NAME2", reason: "full")])
        #expect(try batch.handle(.polled(failed)) == .page(applyID: 7, number: 1, sweep: 1))
        #expect(
            outcomes(try batch.handle(page(["NAME1"])))
                == [.created(iotID: "i-NAME1"), .invalid(reason: "full"), .missing])
    }

    @Test("a lost reply to the start of the creation is looked into: started or not, it goes on")
    func lostApply() throws {
        var batch = try batch()
        _ = try batch.handle(.checked(BatchCheck(applyID: 7)))
        _ = try batch.handle(.polled(BatchStatus(phase: .checkSuccess)))
        #expect(try batch.handle(.applyUnclear) == .poll(applyID: 7))
        var started = batch
        #expect(try started.handle(.polled(BatchStatus(phase: .create))) == .poll(applyID: 7))
        #expect(started.phase == .creating)
        #expect(try batch.handle(.polled(BatchStatus(phase: .checkSuccess))) == .apply(applyID: 7))
    }

    @Test("after a restart each phase looks before it acts; the checkpoint survives JSON")
    func resume() throws {
        var batch = try batch()
        var checkpoints = [batch.checkpoint]
        let check = BatchCheck(applyID: 6, invalid: [RefusedName(deviceName: "NAME2", reason: "exists")])
        _ = try batch.handle(.checked(check))
        checkpoints.append(batch.checkpoint)
        _ = try batch.handle(.checked(BatchCheck(applyID: 7)))
        checkpoints.append(batch.checkpoint)
        _ = try batch.handle(.polled(BatchStatus(phase: .checkSuccess)))
        checkpoints.append(batch.checkpoint)
        _ = try batch.handle(.applied(7))
        checkpoints.append(batch.checkpoint)
        _ = try batch.handle(.polled(BatchStatus(phase: .createSuccess)))
        checkpoints.append(batch.checkpoint)
        _ = try batch.handle(page(["NAME1", "NAME3"]))
        checkpoints.append(batch.checkpoint)

        #expect(checkpoints.map(\.phase) == [.check, .check, .checking, .apply, .creating, .collect, .done])
        let actions: [BatchRegistration.Action] = try checkpoints.map { checkpoint in
            let text = checkpoint.json.text
            let copy = try #require(BatchCheckpoint(json: try JSONValue(parsing: text)))
            #expect(copy == checkpoint)
            let coded = try JSONDecoder().decode(BatchCheckpoint.self, from: JSONEncoder().encode(checkpoint))
            #expect(coded == checkpoint)
            return try BatchRegistration(names: Self.names, resuming: copy).start()
        }
        #expect(
            actions == [.check(names: Self.names), .check(names: ["NAME1", "NAME3"])]
                + Array(repeating: .poll(applyID: 7), count: 5))

        var resumed = try BatchRegistration(names: Self.names, resuming: try #require(checkpoints.last))
        _ = try resumed.handle(.polled(BatchStatus(phase: .createSuccess)))
        #expect(
            outcomes(try resumed.handle(page(["NAME1", "NAME3"]))) == [
                .created(iotID: "i-NAME1"), .invalid(reason: "exists"), .created(iotID: "i-NAME3"),
            ])
    }

    @Test(
        "a batch is never resumed with another list",
        arguments: [["NAME1"], ["NAME1", "NAME2", "NAME4"], ["NAME2", "NAME1", "NAME3"]])
    func otherList(_ names: [String]) throws {
        let checkpoint = try collecting().checkpoint
        let error = #expect(throws: CloudError.self) { try BatchRegistration(names: names, resuming: checkpoint) }
        #expect(error?.code == .input)
    }

    @Test("an ApplyId the cloud has forgotten: before the creation all is checked again, after it a person must look")
    func forgotten() throws {
        var batch = try batch()
        _ = try batch.handle(.checked(BatchCheck(applyID: 7)))
        #expect(try batch.handle(.forgotten) == .check(names: Self.names))
        var late = try collecting()
        let error = #expect(throws: CloudError.self) { try late.handle(.forgotten) }
        #expect(error?.code == .notFound)
    }

    @Test("answers that would go in circles end the batch")
    func circles() throws {
        var stranger = try batch()
        #expect(throws: CloudError.self) {
            try stranger.handle(
                .checked(BatchCheck(applyID: 7, invalid: [RefusedName(deviceName: "OTHER", reason: "")])))
        }
        var nothing = try batch()
        #expect(throws: CloudError.self) { try nothing.handle(.checked(BatchCheck(applyID: nil))) }
        var silent = try batch()
        _ = try silent.handle(.checked(BatchCheck(applyID: 7)))
        #expect(throws: CloudError.self) { try silent.handle(.polled(BatchStatus(phase: .checkFailed))) }
        var other = try batch()
        _ = try other.handle(.checked(BatchCheck(applyID: 7)))
        _ = try other.handle(.polled(BatchStatus(phase: .checkSuccess)))
        #expect(throws: CloudError.self) { try other.handle(.applied(8)) }
    }

    @Test("a checkpoint that is none is not read")
    func noCheckpoint() {
        for json: JSONValue in [nil, [:], ["phase": "odd"], "x"] { #expect(BatchCheckpoint(json: json) == nil) }
    }

    @Test("a list is cut into batches under the limit, nothing lost")
    func chunks() {
        let names = (0..<25).map { "NAME\($0)" }
        let chunks = BatchRegistrar.chunks(of: names, size: 10)
        #expect(chunks.map(\.count) == [10, 10, 5] && chunks.flatMap { $0 } == names)
        #expect(BatchRegistrar.chunks(of: [], size: 10).isEmpty)
        #expect(BatchRegistrar.chunks(of: names, size: 99_999).count == 1)
        #expect(BatchRegistrar.chunks(of: names, size: 0).count == 25)
    }
}

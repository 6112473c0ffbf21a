import Foundation
import Journal
import Locking
import Provisioning

/// The journal's traffic of a first run of one board and of its order's end, step by step.
///
/// Every step gives the actor `step-N` to the records that it writes: so each record that is found afterwards tells which
/// step wrote it. A step that has failed does not keep the others from being tried, as slots do not wait for each other.
final class JournalWork: Sendable {
    /// What became of a step.
    enum Result: Sendable { case acknowledged, failed, notTried }

    let data: String
    let witness: String
    private let results: Locked<[Result]>
    private let errors = Locked<[any Error]>([])

    /// - Parameter done: the steps that were acknowledged before.
    init(data: String, witness: String, done: [Result] = []) {
        (self.data, self.witness) = (data, witness)
        results = Locked(done)
    }

    /// Of each step that came to its turn.
    var result: [Result] { results.withLock { $0 } }
    var failures: [any Error] { errors.withLock { $0 } }

    static let order = "WO-0001"
    static let identity = "6055F9000000"

    private func step(_ after: (Int) -> Void, _ work: (_ actor: String) async throws -> Void) async {
        let number = result.count
        do {
            try await work("step-\(number)")
            results.withLock { $0.append(.acknowledged) }
            after(number)
        } catch is Missing {
            results.withLock { $0.append(.notTried) }
        } catch {
            results.withLock { $0.append(.failed) }
            errors.withLock { $0.append(error) }
        }
    }

    private func open(_ after: (Int) -> Void) async -> Journal? {
        var opened: Journal?
        await step(after) { _ in opened = try Journal(folder: data, witness: witness) }
        return opened
    }

    /// Makes a journal with a release and an open order.
    /// - Parameter after: told of each step that ended well.
    func prepare(after: (Int) -> Void = { _ in }) async {
        guard let journal = await open(after) else { return }
        await step(after) { try await journal.append(kind: .stationStarted, actor: $0, body: ["station": "s"]) }
        await step(after) { _ in try await journal.writeHead() }
        await step(after) { actor in
            try await journal.addRelease(
                Release(profile: "esp32c3", version: "1.0.0", images: [], sha256: "00"), actor: actor)
        }
        await step(after) { actor in
            let terms = WorkOrder.Terms(productKey: "a1test", release: "1.0.0", profile: "esp32c3", quota: 2)
            _ = try await journal.createOrder(terms, actor: actor)
        }
        await step(after) { _ = try await journal.changeOrder(Self.order, to: .open, reason: "test", actor: $0) }
    }

    /// Opens the journal, runs one board to its PASS, closes the order, closes the journal.
    func perform(after: (Int) -> Void = { _ in }) async {
        guard let journal = await open(after) else { return }
        await step(after) { try await journal.append(kind: .stationStarted, actor: $0, body: ["station": "s"]) }
        await step(after) { _ in try await journal.writeHead() }
        await step(after) { _ = try await journal.concludeInterrupted(actor: $0) }
        await runBoard(journal, after)
        await step(after) { _ = try await journal.changeOrder(Self.order, to: .closing, reason: "test", actor: $0) }
        await step(after) { actor in
            _ = try await journal.recordArchive(
                order: Self.order, folder: "/batches/1", manifestSHA256: "00", head: 1, key: "k", actor: actor)
        }
        await step(after) { _ = try await journal.changeOrder(Self.order, to: .closed, reason: "test", actor: $0) }
        await step(after) { try await journal.append(kind: .stationStopped, actor: $0, body: ["station": "s"]) }
        await step(after) { _ in try await journal.writeHead() }
    }

    private func runBoard(_ journal: Journal, _ after: (Int) -> Void) async {
        var (run, unit): (Int64?, Int64?)
        await step(after) { run = try await journal.startRun(slot: "1", order: Self.order, actor: $0) }
        await step(after) { actor in
            try await journal.recordIdentity(
                run: need(run), phase: "identify", identity: .mac(MACAddress(Self.identity)),
                uid: HardwareUID(hex: "AA" + Self.identity, source: .chip), details: [:], actor: actor)
        }
        await step(after) { actor in
            let identity = Identity.mac(try MACAddress(Self.identity))
            let request = ClaimRule.Request(
                order: Self.order, identity: identity, uid: HardwareUID(hex: "AA" + Self.identity, source: .chip),
                mac: try MACAddress(Self.identity), macBlock: 4,
                deviceName: try DeviceNameRule("{mac}").name(for: identity), isUIDIndependent: true)
            unit = try await journal.claim(
                run: need(run), request: request, rule: ClaimRule(runLimit: 3), actor: actor
            ).unit?.id
        }
        for effect in [Effect.register, .flash, .boot] {
            var intent: Int64?
            await step(after) { actor in
                intent = try await journal.beginIntent(
                    .run(need(run)), unit: need(unit), effect: effect, key: "k", details: [:], actor: actor)
            }
            await step(after) { actor in
                try await journal.finishIntent(
                    need(intent), unit: need(unit), effect: effect, isKnown: true, result: "done",
                    iotID: effect == .register ? "iot" : nil, actor: actor)
            }
        }
        for phase in ["before", "after"] {
            await step(after) { actor in
                try await journal.recordReading(
                    run: need(run), unit: need(unit), phase: phase, isActive: phase == "after",
                    reading: ["state": "ONLINE"], actor: actor)
            }
        }
        await step(after) { actor in
            try await journal.conclude(
                run: need(run), conclusion: .init(outcome: .pass, failure: nil), isFlashed: true, steps: [],
                evidence: ["state": "ONLINE"], details: nil, actor: actor)
        }
    }

    private func need<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Missing() }
        return value
    }

    /// What a step needs was not made by those before it.
    private struct Missing: Error {}
}

/// What a journal holds, as its records tell it.
struct JournalContent: Sendable {
    /// Records of each step.
    var steps: [Int: Int] = [:]
    /// Records of no step, by kind.
    var others: [String: Int] = [:]
    var isInOrder = true

    init(_ journal: Journal) async throws {
        let lines = Lines()
        try await journal.export(.jsonl) { lines.append($0) }
        var last = -1
        for line in lines.all {
            let record = try JSONValue(parsing: JSONValue(parsing: line)["record"].string ?? "")
            let actor = record["actor"].string ?? ""
            guard actor.hasPrefix("step-"), let step = Int(actor.dropFirst(5)) else {
                others[record["kind"].string ?? "?", default: 0] += 1
                continue
            }
            isInOrder = isInOrder && step >= last
            last = step
            steps[step, default: 0] += 1
        }
    }
}

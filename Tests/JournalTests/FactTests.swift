import Journal
import Provisioning
import Testing

@Suite("Facts")
struct FactTests {
    /// A unit of every state, by every way that leads there.
    private func fill(_ bed: Bed) async throws {
        func mac(_ number: Int) -> String { "6055F900000" + String(number, radix: 16).uppercased() }
        let passed = try await bed.claim(bed.request(mac(0)))
        try await bed.conclude(passed.run, .pass, flashed: true)
        let retested = try await bed.claim(bed.request(mac(4)))
        try await bed.conclude(retested.run, .fail, Failure(.notReady, ""))
        let again = try await bed.claim(bed.request(mac(4)))
        try await bed.conclude(again.run, .pass, flashed: true)
        let waiting = try await bed.claim(bed.request(mac(8)))
        try await bed.conclude(waiting.run, .held, Failure(.activateCloud, ""), flashed: true)
        let held = try await bed.claim(bed.request(mac(12)))
        try await bed.conclude(held.run, .held, Failure(.nameExists, ""))
        if let name = held.result.unit?.deviceName.text {
            _ = try await bed.journal.releaseUnit(deviceName: name, reason: "x", actor: "test")
            _ = try await bed.journal.holdUnit(deviceName: name, reason: "x", actor: "test")
        }
        let cut = try await bed.claim(bed.request("6055F9000100"))
        _ = cut
        try await bed.journal.concludeInterrupted(actor: "test")
        let duplicate = try await bed.claim(bed.request(mac(0), uid: "BB01"))
        try await bed.conclude(duplicate.run, .held, Failure(.duplicateIdentity, ""))
    }

    @Test("their last state of each unit is the unit's state, and they are functions of the records alone")
    func states() async throws {
        let bed = try await Bed()
        try await fill(bed)
        let seen = Collected()
        try await bed.journal.facts(.order(bed.order.id)) { seen.add($0) }
        let facts = seen.facts
        #expect(facts == facts.sorted { ($0.unit, $0.seq) < ($1.unit, $1.seq) })
        for unit in try await bed.journal.units(order: bed.order.id) {
            #expect(facts.last { $0.unit == unit.id && $0.state != nil }?.state == unit.state, "unit \(unit.id)")
        }
        let fromRecords = try await bed.journal.rows(after: 0, limit: 10_000)
            .flatMap { Fact.facts(of: try JSONValue(parsing: $0.text)) }
        #expect(Set(fromRecords) == Set(facts))
        #expect(facts.count(where: { $0.unit == 0 && $0.code == "CL-101" }) == 1)
        #expect(facts.count(where: { $0.kind == .run && $0.outcome == .interrupted && $0.state == nil }) == 1)
        #expect(facts.filter { $0.kind == .run }.allSatisfy { $0.started != nil && $0.release == "1.0.0" })
    }

    @Test("steps come back as they were measured, an open end cuts them off")
    func steps() async throws {
        let bed = try await Bed()
        let (run, _) = try await bed.claim(bed.request("6055F9000000"))
        try await bed.journal.conclude(
            run: run, conclusion: .init(outcome: .fail, failure: Failure(.blockWrite, "x")), isFlashed: false,
            steps: [
                StepRecord(step: .identify, startMilliseconds: 0, durationMilliseconds: 350, result: "ok"),
                StepRecord(step: .flash, startMilliseconds: 360, durationMilliseconds: 100_000, result: "FL-102"),
            ], evidence: nil, details: nil, actor: "test")
        let seen = Collected()
        try await bed.journal.facts(.all) { seen.add($0) }
        let fact = try #require(seen.facts.last)
        #expect(
            fact.steps == [
                FactStep(step: .identify, startMilliseconds: 0, durationMilliseconds: 350, isOK: true),
                FactStep(step: .flash, startMilliseconds: 360, durationMilliseconds: 100_000, isOK: false),
            ])
        #expect(fact.totalMilliseconds == 100_360)
        let early = Collected()
        try await bed.journal.facts(.all, upTo: fact.seq - 1) { early.add($0) }
        #expect(early.facts.map(\.kind) == [.claim])
    }
}

/// Facts as they were streamed.
private final class Collected: @unchecked Sendable {
    // Filled by one reader, read after it.
    private(set) var facts: [Fact] = []
    func add(_ fact: Fact) { facts.append(fact) }
}

import Foundation
import Journal
import Provisioning
import Testing

@Suite("A claim binds one identity to one unit, once")
struct ClaimTests {
    @Test("the same identity with another UID is held for two people, and the first unit stays as it was")
    func duplicateIdentity() async throws {
        let bed = try await Bed()
        let first = try await bed.claim(bed.request("6055F9000000"))
        try await bed.conclude(first.run, .pass, flashed: true)
        let second = try await bed.claim(bed.request("6055F9000000", uid: "BB"))
        #expect(second.result.refusal == .duplicateIdentity)
        try await bed.conclude(second.run, .held, Failure(.duplicateIdentity, ""))
        let unit = try #require(try await bed.journal.unit(identity: .mac(MACAddress("6055F9000000"))))
        #expect(unit.state == .passed)
    }

    @Test("the same UID under another identity is held")
    func duplicateUID() async throws {
        let bed = try await Bed()
        _ = try await bed.claim(bed.request("6055F9000000", uid: "CC"))
        #expect(try await bed.claim(bed.request("6055F9000100", uid: "CC")).result.refusal == .duplicateUID)
    }

    @Test(
        "MAC blocks that overlap by one address collide, neighbours do not",
        arguments: [
            ("6055F9000003", true), ("6055F8FFFFFD", true), ("6055F9000004", false), ("6055F8FFFFFC", false),
        ])
    func blocks(mac: String, collides: Bool) async throws {
        let bed = try await Bed()
        _ = try await bed.claim(bed.request("6055F9000000"))
        let refusal = try await bed.claim(bed.request(mac)).result.refusal
        #expect(refusal == (collides ? .overlappingMAC : nil))
    }

    @Test("an identity is unique over all products and orders of the station")
    func overProducts() async throws {
        let bed = try await Bed()
        var other = try await bed.journal.createOrder(
            WorkOrder.Terms(productKey: "a1other", release: "1.0.0", profile: "esp32c3", quota: 5), actor: "test")
        let (run, _) = try await bed.claim(bed.request("6055F9000000"))
        try await bed.conclude(run, .fail, Failure(.notReady, ""))
        try await bed.journal.changeOrder(bed.order.id, to: .closing, reason: "test", actor: "test")
        other = try await bed.journal.changeOrder(other.id, to: .open, reason: "test", actor: "test")
        #expect(try await bed.claim(bed.request("6055F9000000", order: other.id)).result.refusal == .otherOrder)
    }

    @Test("quota N under parallel claims gives exactly N")
    func quota() async throws {
        let bed = try await Bed(quota: 7)
        let journal = bed.journal
        let requests = try (0..<30).map { try bed.request("6055F9000" + String(format: "%03X", $0 * 4)) }
        let bound = try await withThrowingTaskGroup(of: Bool.self) { group in
            for request in requests {
                group.addTask {
                    let run = try await journal.startRun(slot: "s", order: request.order, actor: "test")
                    let result = try await journal.claim(run: run, request: request, rule: ClaimRule(), actor: "test")
                    return result.unit != nil
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(bound == 7)
        #expect(try await journal.order(bed.order.id)?.left == 0)
        #expect(try await journal.units(order: bed.order.id).count == 7)
    }

    @Test("a known unit is decided by its state")
    func knownUnits() async throws {
        let bed = try await Bed()
        let request = try bed.request("6055F9000000")
        let first = try await bed.claim(request)
        let unit = try #require(first.result.unit)
        // A flash intent that never finished: content unknown.
        let intent = try await bed.journal.beginIntent(
            .run(first.run), unit: unit.id, effect: .flash, key: "k", details: nil, actor: "test")
        try await bed.conclude(first.run, .fail, Failure(.loaderLost, ""))
        #expect(try await bed.claim(request).result.admission == .full(.writeAll))
        try await bed.journal.finishIntent(
            intent, unit: unit.id, effect: .flash, isKnown: true, result: "done", details: nil, actor: "test")
        let second = try await bed.journal.runs().last?.id ?? 0
        try await bed.conclude(second, .held, Failure(.activateCloud, ""), flashed: true)
        let third = try await bed.claim(request)
        #expect(third.result.admission == .finish())
        try await bed.conclude(third.run, .pass, flashed: true)
        #expect(try await bed.claim(request).result.refusal == .alreadyPassed)
    }

    @Test("past the run limit a unit is held; interrupted runs do not count")
    func runLimit() async throws {
        let bed = try await Bed()
        let request = try bed.request("6055F9000000")
        for _ in 0..<2 {
            let (run, result) = try await bed.claim(request, limit: 2)
            #expect(result.unit != nil)
            _ = run
            #expect(try await bed.journal.concludeInterrupted(actor: "test").count == 1)
        }
        for _ in 0..<2 {
            let (run, result) = try await bed.claim(request, limit: 2)
            #expect(result.unit != nil)
            try await bed.conclude(run, .fail, Failure(.notReady, ""))
        }
        #expect(try await bed.claim(request, limit: 2).result.refusal == .runLimit)
        // It is on hold then, and goes on when a person releases it.
        #expect(try await bed.claim(request, limit: 2).result.refusal == .unitHeld)
        _ = try await bed.journal.releaseUnit(deviceName: "6055F9000000", reason: "repaired", actor: "leader")
        #expect(try await bed.claim(request, limit: 2).result.unit != nil)
    }

    @Test("a unit that a person put on hold is, once released, what it was: a pass is not lost")
    func heldByPerson() async throws {
        let bed = try await Bed()
        let request = try bed.request("6055F9000000")
        try await bed.conclude(try await bed.claim(request).run, .pass, flashed: true)
        let journal = bed.journal
        let held = try await journal.holdUnit(deviceName: "6055F9000000", reason: "scratched", actor: "operator")
        #expect(held.state == .held)
        #expect(try await bed.claim(request).result.refusal == .unitHeld)
        let released = try await journal.releaseUnit(deviceName: "6055F9000000", reason: "only dirt", actor: "leader")
        #expect(released.state == .passed)
        #expect(try await bed.claim(request).result.refusal == .alreadyPassed)
    }

    @Test("an order that is not open takes no board")
    func heldOrder() async throws {
        let bed = try await Bed()
        try await bed.journal.changeOrder(bed.order.id, to: .held, holdCode: .switchOff, reason: "probe", actor: "test")
        #expect(try await bed.claim(bed.request("6055F9000000")).result.refusal == .orderHeld)
    }

    @Test("one unit runs on one slot at a time; the refused run changes nothing of it")
    func twoSlots() async throws {
        let bed = try await Bed()
        let first = try await bed.claim(bed.request("6055F9000000"))
        let second = try await bed.claim(bed.request("6055F9000000"))
        #expect(second.result.refusal == .runningElsewhere)
        try await bed.conclude(second.run, .held, Failure(.runningElsewhere, ""))
        try await bed.conclude(first.run, .pass, flashed: true)
        let unit = try await bed.journal.unit(identity: .mac(MACAddress("6055F9000000")))
        #expect(unit?.state == .passed)
    }

    @Test("where only the MAC stands in for a unique id, a board like a passed one may be its clone and is held")
    func clone() async throws {
        let bed = try await Bed()
        let request = try bed.request("6055F9000000", uid: "6055F9000000", source: .mac)
        let first = try await bed.claim(request)
        try await bed.conclude(first.run, .pass, flashed: true)
        #expect(try await bed.claim(request).result.refusal == .duplicateIdentity)
    }

    @Test("trouble outside the board and stops do not use up its runs")
    func outsideCauses() async throws {
        let bed = try await Bed()
        let request = try bed.request("6055F9000000")
        for failure in [Failure(.registerCloud, ""), Failure(.slotStopping, ""), Failure(.switchOff, "")] {
            let (run, _) = try await bed.claim(request, limit: 2)
            try await bed.conclude(run, failure.outcome, failure)
        }
        #expect(try await bed.claim(request, limit: 2).result.unit != nil)
    }

    @Test("a board whose boot failed is written and verified again, not only booted")
    func failedBoot() async throws {
        let bed = try await Bed()
        let request = try bed.request("6055F9000000")
        let (run, _) = try await bed.claim(request)
        try await bed.conclude(run, .fail, Failure(.invalidImage, ""), flashed: true)
        #expect(try await bed.claim(request).result.admission == .full(.skipMatching))
    }

    @Test("a pass without the cloud's evidence is not written")
    func noEvidence() async throws {
        let bed = try await Bed()
        let (run, _) = try await bed.claim(bed.request("6055F9000000"))
        await #expect(throws: JournalError.self) {
            try await bed.journal.conclude(
                run: run, conclusion: .init(outcome: .pass, failure: nil), isFlashed: true, steps: [], evidence: nil,
                details: nil, actor: "test")
        }
    }

    @Test("a unit on hold runs again after a person released it")
    func release() async throws {
        let bed = try await Bed()
        let request = try bed.request("6055F9000000")
        let (run, _) = try await bed.claim(request)
        try await bed.conclude(run, .held, Failure(.nameExists, ""))
        #expect(try await bed.claim(request).result.refusal == .unitHeld)
        _ = try await bed.journal.releaseUnit(deviceName: "6055f9000000", reason: "cleared up", actor: "leader")
        #expect(try await bed.claim(request).result.unit != nil)
    }

    @Test("an order closes only when nothing of it is unsettled, unless a person says so")
    func closing() async throws {
        let bed = try await Bed()
        _ = try await bed.claim(bed.request("6055F9000000"))
        _ = try await bed.journal.concludeInterrupted(actor: "test")
        try await bed.journal.changeOrder(bed.order.id, to: .closing, reason: "done", actor: "leader")
        await #expect(throws: JournalError.self) {
            try await bed.journal.changeOrder(bed.order.id, to: .closed, reason: "done", actor: "leader")
        }
        let closed = try await bed.journal.changeOrder(
            bed.order.id, to: .closed, leavingUnsettled: true, reason: "board lost", actor: "leader")
        #expect(closed.state == .closed)
    }

    @Test("one order of a profile works at a time")
    func oneWorking() async throws {
        let bed = try await Bed()
        let other = try await bed.journal.createOrder(
            WorkOrder.Terms(productKey: "a1other", release: "1.0.0", profile: "esp32c3", quota: 5), actor: "test")
        await #expect(throws: JournalError.self) {
            try await bed.journal.changeOrder(other.id, to: .open, reason: "x", actor: "test")
        }
    }

    @Test("an order that was changed meanwhile stays as the person left it")
    func changedMeanwhile() async throws {
        let bed = try await Bed()
        try await bed.journal.changeOrder(bed.order.id, to: .held, reason: "leader", actor: "leader")
        let after = try await bed.journal.changeOrder(
            bed.order.id, expected: bed.order, to: .held, holdCode: .switchOff, reason: "probe", actor: "station")
        #expect(after.holdCode == nil)
    }

    @Test("an outcome is written once")
    func onceOnly() async throws {
        let bed = try await Bed()
        let (run, _) = try await bed.claim(bed.request("6055F9000000"))
        try await bed.conclude(run, .pass, flashed: true)
        await #expect(throws: JournalError.self) { try await bed.conclude(run, .fail, Failure(.notReady, "")) }
    }
}

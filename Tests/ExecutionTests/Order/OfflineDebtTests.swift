import Foundation
import Journal
import Provisioning
import Testing

@testable import Execution

@Suite("An order bears so much offline debt")
struct OfflineDebtTests {
    private func debt(_ bed: OrderBed) -> OfflineDebt {
        OfflineDebt(journal: bed.journal, events: bed.events, actor: "station", now: bed.now)
    }

    private func weigh(_ bed: OrderBed, _ order: WorkOrder) async throws -> WorkOrder {
        try await debt(bed).weigh(try #require(try await bed.journal.order(order.id)))
        return try #require(try await bed.journal.order(order.id))
    }

    @Test("at N boards it is held with CL-206, and goes on by itself when they are fewer")
    func boards() async throws {
        let bed = try await OrderBed()
        let order = try await bed.order(limits: OrderLimits(offlineBoards: 2))
        try await bed.unit("6055F9000000", of: order, .held, .activateCloud)
        #expect(try await weigh(bed, order).state == .open)
        try await bed.unit("6055F9000100", of: order, .held, .registerCloud)
        let held = try await weigh(bed, order)
        #expect(held.waitsForDebt && held.isWorking)
        #expect(held.holdCode == "CL-206")
        try await bed.unit("6055F9000100", of: order, .pass, nil)
        #expect(try await weigh(bed, order).state == .open)
    }

    @Test("at T minutes of the longest waiting board it is held, whatever has tried to finish it since")
    func minutes() async throws {
        let bed = try await OrderBed()
        let order = try await bed.order(limits: OrderLimits(offlineMinutes: 30))
        try await bed.unit("6055F9000000", of: order, .held, .activateCloud)
        try bed.set("2026-11-26T03:20:00Z")
        try await bed.unit("6055F9000000", of: order, .held, .activateCloud)
        try bed.set("2026-11-26T03:29:59Z")
        #expect(try await weigh(bed, order).state == .open)
        try bed.set("2026-11-26T03:30:00Z")
        #expect(try await weigh(bed, order).waitsForDebt)
    }

    @Test("a leader who opens it has decided: it stays open until no board waits any more")
    func waived() async throws {
        let bed = try await OrderBed()
        let order = try await bed.order(limits: OrderLimits(offlineBoards: 1))
        try await bed.unit("6055F9000000", of: order, .held, .activateCloud)
        #expect(try await weigh(bed, order).waitsForDebt)
        _ = try await StationCommand.changeOrder(
            id: order.id, state: "open", leavingUnsettled: false, reason: "nearly done"
        ).perform(bed.context())
        #expect(try await weigh(bed, order).state == .open)
        try await bed.unit("6055F9000100", of: order, .held, .activateCloud)
        #expect(try await weigh(bed, order).state == .open)
        try await bed.unit("6055F9000000", of: order, .pass, nil)
        try await bed.unit("6055F9000100", of: order, .pass, nil)
        #expect(try await weigh(bed, order).debtWaived == false)
        try await bed.unit("6055F9000200", of: order, .held, .activateCloud)
        #expect(try await weigh(bed, order).waitsForDebt)
    }

    @Test("an order that a person holds is left as it is")
    func heldByPerson() async throws {
        let bed = try await OrderBed()
        let order = try await bed.order(limits: OrderLimits(offlineBoards: 1))
        let held = try await bed.journal.changeOrder(order.id, to: .held, reason: "lunch", actor: "leader")
        try await debt(bed).weigh(held)
        #expect(try await bed.journal.order(order.id)?.holdCode == nil)
    }

    @Test(
        "outside its production window an order takes no board",
        arguments: [
            ("2026-11-26T07:59:59Z", false), ("2026-11-26T08:00:00Z", true), ("2026-11-28T19:59:59Z", true),
            ("2026-11-28T20:00:00Z", false),
        ])
    func window(now: String, starts: Bool) async throws {
        let bed = try await OrderBed(now)
        let order = try await bed.order(window: "2026-11-26T08:00:00Z/2026-11-28T20:00:00Z")
        let pace = OrderPace(journal: bed.journal, events: bed.events, actor: "station", now: bed.now)
        let wait = try await pace.wait(slot: "1", order: order.id)
        #expect((wait == nil) == starts)
        if let wait { #expect(wait.en.contains(order.id) && wait.zh.contains(order.id)) }
    }

    @Test("another content of the board profile asks for a first article again; the same one does not")
    func profile() async throws {
        let bed = try await OrderBed()
        let order = try await bed.order(rules: OrderRules(firstArticle: true))
        try await bed.journal.noteProfile("esp32c3", digest: "aa", actor: "station")
        for stage in [FirstArticle.passed, .confirmed] {
            try await bed.journal.recordFirstArticle(order.id, stage, details: nil, reason: "test", actor: "test")
        }
        try await bed.journal.noteProfile("esp32c3", digest: "aa", actor: "station")
        #expect(try await bed.journal.order(order.id)?.firstArticle == .confirmed)
        try await bed.journal.noteProfile("esp32c3", digest: "bb", actor: "station")
        #expect(try await bed.journal.order(order.id)?.firstArticle == .wanted)
    }
}

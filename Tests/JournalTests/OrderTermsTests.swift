import Foundation
import Journal
import Provisioning
import Testing

@Suite("What an order takes, and how much it bears")
struct OrderTermsTests {
    private static func terms(
        quota: Int = 10, identities: IdentityRule = .any, limits: OrderLimits = OrderLimits()
    ) -> WorkOrder.Terms {
        WorkOrder.Terms(
            productKey: "a1test", release: "1.0.0", profile: "esp32c3", quota: quota, identities: identities,
            limits: limits)
    }

    /// An open order beside the bed's own, which is closing.
    private func order(_ bed: Bed, _ terms: WorkOrder.Terms, listed: [String]? = nil) async throws -> WorkOrder {
        try await bed.journal.changeOrder(bed.order.id, to: .closing, reason: "test", actor: "test")
        let draft = try await bed.journal.createOrder(
            terms, listed: try listed?.map { .mac(try MACAddress($0)) }, actor: "test")
        return try await bed.journal.changeOrder(draft.id, to: .open, reason: "test", actor: "test")
    }

    @Test("a board outside the order's list is refused with CL-205; nothing is bound, the quota is as it was")
    func list() async throws {
        let bed = try await Bed()
        let order = try await order(bed, Self.terms(), listed: ["6055F9000100", "6055F9000000", "6055F9000000"])
        guard case .list(let count, let sha256) = order.terms.identities else {
            Issue.record("expected a list, received \(order.terms.identities)")
            return
        }
        // printf '6055F9000000\n6055F9000100\n' | sha256sum
        #expect(count == 2)
        #expect(sha256 == "82c731b721e72410e3028ed17187c116a3962b4589792d55e1fae618ea4a4af1")
        let refused = try await bed.claim(bed.request("6055F9000200", order: order.id))
        #expect(refused.result.refusal == .identityOutside)
        #expect(try await bed.journal.order(order.id)?.claimed == 0)
        #expect(try await bed.journal.unit(identity: .mac(MACAddress("6055F9000200"))) == nil)
        #expect(try await bed.claim(bed.request("6055F9000100", order: order.id)).result.unit != nil)
        #expect(try await bed.journal.order(order.id)?.claimed == 1)
    }

    @Test("a unit is on hold once one step has failed as often as the order bears; a leader's release counts anew")
    func stepLimit() async throws {
        let bed = try await Bed()
        let order = try await order(bed, Self.terms(limits: OrderLimits(runs: 9, stepRetries: 1)))
        let request = try bed.request("6055F9000000", order: order.id)
        for code in [FailureCode.noResponse, .notReady, .blockWrite, .eraseTimeout] {
            let (run, result) = try await bed.claim(request)
            #expect(result.unit != nil)
            try await bed.conclude(run, .fail, Failure(code, ""))
        }
        #expect(try await bed.claim(request).result.refusal == .runLimit)
        #expect(try await bed.journal.unit(deviceName: "6055f9000000").state == .held)
        _ = try await bed.journal.releaseUnit(deviceName: "6055f9000000", reason: "repaired", actor: "leader")
        #expect(try await bed.claim(request).result.unit != nil)
    }

    @Test("an order's own run limit goes before the station's")
    func runLimit() async throws {
        let bed = try await Bed()
        let order = try await order(bed, Self.terms(limits: OrderLimits(runs: 1)))
        let request = try bed.request("6055F9000000", order: order.id)
        try await bed.conclude(try await bed.claim(request).run, .fail, Failure(.notReady, ""))
        #expect(try await bed.claim(request, limit: 3).result.refusal == .runLimit)
    }

    @Test("held for its debt, an order takes the boards that wait for their activation and no other")
    func debt() async throws {
        let bed = try await Bed()
        let order = try await order(bed, Self.terms(limits: OrderLimits(offlineBoards: 1)))
        let waiting = try bed.request("6055F9000000", order: order.id)
        let failed = try bed.request("6055F9000100", order: order.id)
        try await bed.conclude(
            try await bed.claim(waiting).run, .held, Failure(.activateCloud, ""), flashed: true)
        try await bed.conclude(try await bed.claim(failed).run, .fail, Failure(.notReady, ""))
        let debt = try await bed.journal.offlineDebt(order: order.id)
        #expect(debt.units == 1)
        let since = try #require(debt.since)
        #expect(abs(since.timeIntervalSinceNow) < 60)
        try await bed.journal.changeOrder(
            order.id, to: .held, holdCode: .offlineLimit, reason: "1 of 1", actor: "station")
        #expect(try await bed.claim(failed).result.refusal == .offlineLimit)
        #expect(try await bed.claim(bed.request("6055F9000200", order: order.id)).result.refusal == .offlineLimit)
        #expect(try await bed.claim(waiting).result.admission?.flash == nil)
        let opened = try await bed.journal.changeOrder(
            order.id, to: .open, reason: "the line is nearly done", actor: "leader")
        #expect(opened.debtWaived)
        try await bed.journal.endDebtWaiver(order: order.id)
        #expect(try await bed.journal.order(order.id)?.debtWaived == false)
    }

    @Test("what may change is amended with a record; the quota never goes below what is claimed")
    func amendments() async throws {
        let bed = try await Bed(quota: 3)
        for mac in ["6055F9000000", "6055F9000100"] { _ = try await bed.claim(bed.request(mac)) }
        await #expect(throws: JournalError.self) {
            try await bed.journal.amendOrder(bed.order.id, reason: "fewer", actor: "owner") { $0.quota = 1 }
        }
        await #expect(throws: JournalError.self) {
            try await bed.journal.amendOrder(bed.order.id, reason: "nothing", actor: "owner") { $0.quota = 3 }
        }
        let amended = try await bed.journal.amendOrder(bed.order.id, reason: "more", actor: "owner") { terms in
            terms.quota = 5
            terms.limits.offlineMinutes = 90
        }
        #expect(amended.quota == 5)
        let read = try #require(try await bed.journal.order(bed.order.id))
        #expect(read.terms == amended.terms)
        let record = try JSONValue(parsing: try #require(try await bed.journal.lastRow()).text)
        #expect(record["kind"] == "order.amended")
        #expect(record["body"]["from"] == ["quota": 3, "offline_minutes": nil])
        #expect(record["body"]["to"] == ["quota": 5, "offline_minutes": 90])
        try await bed.journal.changeOrder(bed.order.id, to: .closing, reason: "done", actor: "leader")
        await #expect(throws: JournalError.self) {
            try await bed.journal.amendOrder(bed.order.id, reason: "more", actor: "owner") { $0.quota = 6 }
        }
    }

    @Test("of several orders all are made, or none: every problem is told with its order")
    func severalOrders() async throws {
        let bed = try await Bed()
        let wrong = WorkOrder.Terms(productKey: "a1test", release: "9.9.9", profile: "esp32c3", quota: 0)
        let otherMode = WorkOrder.Terms(
            productKey: "a1new", release: "1.0.0", profile: "esp32c3", quota: 1, registration: .noPreregistration)
        let orders = [Self.terms(), wrong, otherMode].map { NewOrder(terms: $0) }
        let error = await #expect(throws: OrderRefusal.self) {
            try await bed.journal.createOrders(orders, actor: "test")
        }
        #expect(error?.problems.map(\.index) == [1, 1, 2])
        #expect(error?.problems.map(\.problem.field) == ["quota", "release", "release"])
        #expect(try await bed.journal.orders().count == 1)
        #expect(
            try await bed.journal.createOrders([orders[0], orders[0]], actor: "test").map(\.id) == [
                "WO-0002", "WO-0003",
            ])
    }
}

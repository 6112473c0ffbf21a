import Foundation
import Journal
import Provisioning

/// Holds an order when more of its units wait for their activation, or longer, than its limits bear, and lets it go on when
/// they are fewer again; while a leader has waived that, it stays open.
struct OfflineDebt: Sendable {
    let journal: Journal
    let events: LineEvents
    let actor: String
    let now: @Sendable () -> Date

    /// Weighs the debt of an order that works.
    func weigh(_ order: WorkOrder) async throws {
        let limits = order.terms.limits
        guard limits.limitsDebt || order.waitsForDebt || order.debtWaived else { return }
        let debt = try await journal.offlineDebt(order: order.id)
        if order.debtWaived, debt.units == 0 { try await journal.endDebtWaiver(order: order.id) }
        let waited = debt.since.map { max(0, Int(now().timeIntervalSince($0) / 60)) }
        let isExceeded = limits.isExceeded(units: debt.units, waited: waited)
        switch order.state {
        case .open where isExceeded && !order.debtWaived:
            let longest = waited.map { ", the longest for \($0) min" } ?? ""
            try await change(
                order, to: .held, .offlineLimit,
                "\(debt.units) boards wait for their activation\(longest); the order bears "
                    + [
                        limits.offlineBoards.map { "\($0) boards" }, limits.offlineMinutes.map { "\($0) min" },
                    ].compactMap { $0 }.joined(separator: " and "),
                zh: "待激活 \(debt.units) 块" + (waited.map { "，最久 \($0) 分钟" } ?? "") + "，已到离线上限：不放新板")
        case .held where order.waitsForDebt && !isExceeded:
            try await change(
                order, to: .open, nil, "\(debt.units) boards wait for their activation: within the limits again",
                zh: "待激活 \(debt.units) 块，回到离线上限以内：继续放板")
        default: break
        }
    }

    private func change(
        _ order: WorkOrder, to state: WorkOrder.State, _ code: FailureCode?, _ reason: String, zh: String
    ) async throws {
        do {
            let changed = try await journal.changeOrder(
                order.id, expected: order, to: state, holdCode: code, reason: reason, actor: actor)
            guard changed.state == state else { return }
            events.send(.order(changed))
            events.send(.notice("order \(order.id): \(reason)", zh: "工单 \(order.id)：\(zh)"))
        } catch let error as JournalError where error.code == .conflict {
            // A person was faster, or another order of the profile works by now.
            events.send(.notice("order \(order.id): \(error)"))
        }
    }
}

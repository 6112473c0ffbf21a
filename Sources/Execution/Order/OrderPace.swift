import Foundation
import Journal
import Provisioning

/// Keeps the rules that stand between the boards of an order: the first article, and the stop on repetition.
actor OrderPace {
    /// Why a slot may not begin.
    struct Wait: Hashable, Sendable {
        let zh: String
        let en: String
    }

    private let journal: Journal
    private let events: LineEvents
    private let actor: String
    /// The slot that makes an order's first article.
    private var maker: [String: String] = [:]
    private var repetition: [String: RepetitionRule] = [:]
    private let start = ContinuousClock.now

    private let now: @Sendable () -> Date

    init(
        journal: Journal, events: LineEvents, actor: String, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.journal, self.events, self.actor, self.now) = (journal, events, actor, now)
    }

    /// Asks to begin a run.
    /// - Returns: nil where the slot may; it must say ``ended(slot:order:ending:unit:)`` then.
    func wait(slot: String, order id: String) async throws -> Wait? {
        // The place is taken before the journal is asked: nobody else takes it meanwhile.
        let isFirst = maker[id] == nil
        if isFirst { maker[id] = slot }
        let order = try await journal.order(id)
        if let window = order?.terms.window, !window.contains(now().formatted(.iso8601)) {
            if isFirst { maker[id] = nil }
            return Wait(
                zh: "不在工单 \(id) 的生产时间内（\(window)）：不放板",
                en: "outside the production window of order \(id) (\(window)): it takes no board")
        }
        guard order?.firstArticle == .wanted else {
            if isFirst { maker[id] = nil }
            guard order?.firstArticle == .passed else { return nil }
            return Wait(zh: "首件已通过，等待线长确认", en: "the first article has passed: a leader has to confirm it")
        }
        guard let other = maker[id], other != slot else { return nil }
        return Wait(
            zh: "首件在工位 \(other) 生产，其他工位等待", en: "slot \(other) makes the first article, the other slots wait")
    }

    /// Takes how a run ended: records a first article, and holds the order where failures repeat.
    func ended(slot: String, order: WorkOrder, ending: BoardRun.Ending, unit: String?) async throws {
        let (run, conclusion) = (ending.run, ending.conclusion)
        if maker[order.id] == slot {
            // A board that was only finished was not written under what the order is bound to now.
            if conclusion.outcome == .pass, ending.isWritten { try await record(order, run, slot, unit) }
            maker[order.id] = nil
        }
        guard order.rules.stopsOnRepetition, conclusion.outcome == .pass || conclusion.outcome == .fail else { return }
        let failure = conclusion.outcome == .fail ? conclusion.failure?.code : nil
        let repeated = repetition[order.id, default: RepetitionRule()].take(
            unit: unit ?? "run \(run)", slot: slot, failure: failure, at: start.duration(to: .now))
        guard let now = try await journal.order(order.id) else { return }
        // What ended beside or before a stop no longer counts once a person has named the cause.
        if now.needsCause { repetition[order.id] = nil }
        guard let repeated, now.state == .open else { return }
        repetition[order.id] = nil
        let reason = "\(repeated) repeats: \(repeated.entry.en.happened)"
        let held = try await journal.changeOrder(
            order.id, expected: now, to: .held, holdCode: .repetition, reason: reason, actor: actor)
        events.send(.order(held))
        events.send(
            .notice(
                "order \(order.id) is on hold: \(reason)",
                zh: "工单 \(order.id) 已暂停：\(repeated) 连续出现，\(repeated.entry.zh.happened)"))
    }

    private func record(_ order: WorkOrder, _ run: Int64, _ slot: String, _ unit: String?) async throws {
        do {
            let changed = try await journal.recordFirstArticle(
                order.id, .passed, details: ["run": .int(run), "slot": .string(slot), "unit": .init(unit)],
                reason: "passed", actor: actor)
            events.send(.order(changed))
        } catch let error as JournalError where error.code == .conflict {
            // The order was closed, or opened anew, meanwhile.
            events.send(.notice("order \(order.id): \(error)"))
        }
    }
}

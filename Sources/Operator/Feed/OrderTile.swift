import Journal
import Provisioning

/// One order as the page shows it.
struct OrderTile: Sendable {
    let figures: OrderFigures
    /// Whether a board of it runs now.
    let isRunning: Bool

    init(_ figures: OrderFigures, isRunning: Bool = false) { (self.figures, self.isRunning) = (figures, isRunning) }

    private var firstArticle: String {
        switch figures.order.firstArticle {
        case .off: "off"
        case .wanted: isRunning ? "running" : "wanted"
        case .passed: "waiting-for-leader"
        case .confirmed: "confirmed"
        }
    }

    var json: JSONValue {
        let order = figures.order
        let hold = order.holdCode.flatMap(FailureCode.init(known:))?.entry
        return [
            "order": .string(order.id), "product_key": .string(order.productKey), "release": .string(order.release),
            "profile": .string(order.profile), "quota": .init(order.quota), "claimed": .init(order.claimed),
            "left": .init(order.left), "state": .string(order.state.rawValue), "hold_code": .init(order.holdCode),
            "hold_zh": .init(hold.map { "\($0.zh.happened)。\($0.zh.action)。" }),
            "hold_en": .init(hold.map { "\($0.en.happened). \($0.en.action)." }),
            "mode": .string(order.registration.rawValue), "activation": .string(order.activation.description),
            "passed": .init(figures.passed), "done": .init(figures.done), "failed": .init(figures.failed),
            "held": .init(figures.held),
            "yield_permille": .init(figures.yieldPermille), "offline_debt": .init(figures.offlineDebt),
            "window": .init(order.terms.window?.description), "rules": order.rules.json,
            "allow": .string(order.terms.identities.description), "run_limit": .init(order.terms.limits.runs),
            "step_retries": .init(order.terms.limits.stepRetries),
            "offline_boards": .init(order.terms.limits.offlineBoards),
            "offline_minutes": .init(order.terms.limits.offlineMinutes), "debt_waived": .bool(order.debtWaived),
            "quota_rule": ["zh": .string(QuotaRule.zh), "en": .string(QuotaRule.en)],
            "first_article": .string(firstArticle), "title": .string("\(order.profile) \(order.release)"),
        ]
    }
}

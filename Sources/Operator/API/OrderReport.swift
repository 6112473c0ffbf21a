import Journal
import Provisioning

/// What has become of an order so far, with what each figure means.
struct OrderReport: Sendable {
    let figures: OrderFigures

    init(_ figures: OrderFigures) { self.figures = figures }

    var json: JSONValue {
        let good = figures.passed + figures.done
        let judged = good + figures.failed + figures.held + figures.scrapped + figures.replaced
        return [
            "order": OrderTile(figures).json, "input": .init(judged + figures.offlineDebt + figures.open),
            "first_pass": .init(figures.firstPass), "after_retest": .init(good - figures.firstPass),
            "done": .init(figures.done), "failed_open": .init(figures.failed), "held": .init(figures.held),
            "scrapped": .init(figures.scrapped), "replaced": .init(figures.replaced),
            "offline_debt": .init(figures.offlineDebt), "running": .init(figures.open),
            "fpy_permille": .init(judged == 0 ? nil : figures.firstPass * 1000 / judged),
            "yield_permille": .init(figures.yieldPermille), "quota_before": .init(figures.order.quota),
            "quota_left": .init(figures.order.left),
            "definitions": [
                "zh": "直通率 = 一次合格的板数 / 已有结果的板数；良率 = 合格与完成的板数 / 已有结果的板数；分母是板数，不是次数。",
                "en": """
                FPY = units that are good and had no failed run / units with an outcome; yield = passed and done units / \
                units with an outcome. The denominator is units, never runs.
                """,
            ],
        ]
    }
}

extension WorkOrder {
    /// As `--json` and the control socket print it.
    public var json: JSONValue {
        [
            "order": .string(id), "product_key": .string(productKey), "release": .string(release),
            "profile": .string(profile), "quota": .init(quota), "claimed": .init(claimed), "left": .init(left),
            "state": .string(state.rawValue), "hold_code": .init(holdCode),
            "mode": .string(registration.rawValue), "activation": .string(activation.description),
            "activates_all": .bool(activatesAll), "window": .init(terms.window?.description), "rules": rules.json,
            "first_article": .string(firstArticle.rawValue), "allow": .string(terms.identities.description),
            "run_limit": .init(terms.limits.runs), "step_retries": .init(terms.limits.stepRetries),
            "offline_boards": .init(terms.limits.offlineBoards),
            "offline_minutes": .init(terms.limits.offlineMinutes), "debt_waived": .bool(debtWaived),
            "quota_rule": ["zh": .string(QuotaRule.zh), "en": .string(QuotaRule.en)],
        ]
    }
}

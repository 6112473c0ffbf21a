extension WorkOrder {
    /// As `--json` and the control socket print it.
    public var json: JSONValue {
        [
            "order": .string(id), "product_key": .string(productKey), "release": .string(release),
            "profile": .string(profile), "quota": .init(quota), "claimed": .init(claimed), "left": .init(left),
            "state": .string(state.rawValue), "hold_code": .init(holdCode),
            "mode": .string(registration.rawValue), "activation": .string(activation.description),
            "activates_all": .bool(activatesAll), "window": .init(terms.window?.description), "rules": rules.json,
            "first_article": .string(firstArticle.rawValue),
        ]
    }
}

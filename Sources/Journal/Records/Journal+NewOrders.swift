import Crypto
import GRDB
public import Provisioning

/// Why orders were not made, each problem with the place of its order among those that were to be made.
public struct OrderRefusal: Error, Sendable {
    public let problems: [(index: Int, problem: OrderProblem)]
}

extension Journal {
    /// Makes a draft order.
    /// - Throws: ``JournalError`` with `notFound` when the release is not there; `conflict` for a quota below 1, for a
    ///   release that cannot register without pre-registration, and where another order of the product has the other
    ///   mode, which belongs to the product.
    public func createOrder(
        _ terms: WorkOrder.Terms, listed: [Identity]? = nil, actor: String
    ) async throws -> WorkOrder {
        do {
            let made = try await createOrders([NewOrder(terms: terms, listed: listed)], actor: actor)
            guard let order = made.first else { throw JournalError(.conflict, "no order was made") }
            return order
        } catch let refusal as OrderRefusal {
            let problem = refusal.problems.first?.problem
            throw JournalError(
                problem?.field == "release" && problem?.en.hasPrefix("there is no") == true
                    ? .notFound : .conflict,
                problem?.en ?? "no order was made")
        }
    }

    /// Makes draft orders, all or none.
    /// - Throws: ``OrderRefusal`` with every problem of every order.
    public func createOrders(_ orders: [NewOrder], actor: String) async throws -> [WorkOrder] {
        try await write { writer in
            var made: [WorkOrder] = []
            var problems: [(index: Int, problem: OrderProblem)] = []
            for (index, new) in orders.enumerated() {
                let found = try Self.problems(writer.db, new)
                problems += found.map { (index, $0) }
                // What comes after is checked against what came before.
                if found.isEmpty { made.append(try Self.insert(writer, new, actor: actor)) }
            }
            guard problems.isEmpty else { throw OrderRefusal(problems: problems) }
            return made
        }
    }

    /// What stands against making orders, each one by itself.
    public func problems(of orders: [NewOrder]) async throws -> [(index: Int, problem: OrderProblem)] {
        try await read { db in
            try orders.enumerated().flatMap { index, new in try Self.problems(db, new).map { (index, $0) } }
        }
    }

    // MARK: - Inside the transaction

    private static func problems(_ db: Database, _ new: NewOrder) throws -> [OrderProblem] {
        let terms = new.terms
        var problems: [OrderProblem] = []
        func refuse(_ field: String, zh: String, en: String) {
            problems.append(OrderProblem(field, zh: zh, en: en))
        }
        if terms.quota < 1 {
            refuse("quota", zh: "数量 \(terms.quota)：至少为 1", en: "quota \(terms.quota): expected at least 1")
        }
        if let list = new.list, list.isEmpty {
            refuse("allow", zh: "清单里没有标识", en: "the list has no identity")
        }
        if let release = try release(db, profile: terms.profile, version: terms.release) {
            if terms.registration == .noPreregistration, !release.registersWithoutPreregistration {
                let sdk = release.deviceSDK
                refuse(
                    "release", zh: "固件 \(release.version) 声明的 SDK 是 \(sdk ?? "无")，免预注册需要厂商 C SDK 4.x",
                    en: "release \(release.version) declares \(sdk ?? "no device SDK"); without pre-registration the "
                        + "vendor's C SDK 4.x is required: expected c-4.…")
            }
        } else {
            refuse(
                "release", zh: "没有 \(terms.profile) 的固件 \(terms.release)",
                en:
                    "there is no release \(terms.release) of profile \(terms.profile); add it with `station release add`"
            )
        }
        // Pre-registered or not is a property of the product: its firmware knows one way.
        let other = try Row.fetchOne(
            db,
            sql: "SELECT id, registration FROM work_order WHERE product_key = ? AND registration <> ? LIMIT 1",
            arguments: [terms.productKey, terms.registration.rawValue])
        if let other {
            let (id, mode): (String, String) = (other["id"], other["registration"])
            refuse(
                "mode", zh: "同一产品只有一种模式：\(id) 是 \(mode)，这里是 \(terms.registration.rawValue)",
                en: "order \(id) makes product \(terms.productKey) as \(mode), this one is to be "
                    + "\(terms.registration.rawValue): a product has one mode")
        }
        return problems
    }

    private static func insert(_ writer: JournalWriter, _ new: NewOrder, actor: String) throws -> WorkOrder {
        let number = try Int.fetchOne(writer.db, sql: "SELECT count(*) FROM work_order") ?? 0
        let text = String(number + 1)
        let id = "WO-" + String(repeating: "0", count: max(0, 4 - text.count)) + text
        var terms = new.terms
        if let list = new.list {
            terms.identities = .list(count: list.count, sha256: digest(of: list))
            for identity in list {
                try writer.execute(
                    "INSERT INTO order_identity (work_order, identity) VALUES (?, ?)", [id, identity])
            }
        }
        try writer.append(
            .orderCreated, actor: actor,
            body: [
                "order": .string(id), "product_key": .string(terms.productKey), "release": .string(terms.release),
                "profile": .string(terms.profile), "quota": .init(terms.quota),
                "registration": .string(terms.registration.rawValue),
                "activation": .string(terms.activation.description), "window": .init(terms.window?.description),
                "rules": terms.rules.json, "identities": terms.identities.json, "limits": terms.limits.json,
            ])
        let order = WorkOrder(id: id, terms: terms, state: .draft)
        try writer.execute(
            """
            INSERT INTO work_order
                (id, product_key, release, profile, quota, state, registration, activation, window, rules, identities,
                limits)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id, terms.productKey, terms.release, terms.profile, terms.quota, order.state.rawValue,
                terms.registration.rawValue, terms.activation.description, terms.window?.description,
                terms.rules.json.text, terms.identities.json.text, terms.limits.json.text,
            ])
        return order
    }

    private static func digest(of list: [String]) -> String {
        var hash = SHA256()
        for identity in list { hash.update(data: Array((identity + "\n").utf8)) }
        return Chain.hex(Array(hash.finalize()))
    }
}

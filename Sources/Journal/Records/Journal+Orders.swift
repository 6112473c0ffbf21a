import GRDB
public import Provisioning

extension Journal {
    /// Records a release; one version of a profile exists once. The device SDK of the same images may be declared later,
    /// once.
    /// - Throws: ``JournalError`` with `conflict` when the version exists with another content or another device SDK.
    public func addRelease(_ release: Release, actor: String) async throws {
        try await write { writer in
            if let known = try Self.release(writer.db, profile: release.profile, version: release.version) {
                guard known.sha256 == release.sha256 else {
                    throw JournalError(
                        .conflict,
                        "release \(release.version) of \(release.profile) exists with SHA-256 \(known.sha256), this one "
                            + "has \(release.sha256); give it another version")
                }
                guard known.deviceSDK == nil || release.deviceSDK == nil || known.deviceSDK == release.deviceSDK
                else {
                    throw JournalError(
                        .conflict,
                        "release \(release.version) of \(release.profile) declares device SDK "
                            + "\(known.deviceSDK ?? "none"), received \(release.deviceSDK ?? "none"); give it another version"
                    )
                }
                guard known.ship == release.ship else {
                    throw JournalError(
                        .conflict,
                        "release \(release.version) of \(release.profile) states other values for shipping; give it another "
                            + "version")
                }
                // The images are the same: what they are built on may be declared later, once.
                if known.deviceSDK == nil, let deviceSDK = release.deviceSDK {
                    try Self.append(release, writer, actor: actor)
                    try writer.execute(
                        "UPDATE release SET device_sdk = ? WHERE profile = ? AND version = ?",
                        [deviceSDK, release.profile, release.version])
                }
                return
            }
            try Self.append(release, writer, actor: actor)
            try writer.execute(
                "INSERT INTO release (profile, version, sha256, images, device_sdk, ship) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    release.profile, release.version, release.sha256,
                    JSONValue.array(release.images.map(Self.json)).text, release.deviceSDK,
                    Self.json(release.ship).text,
                ])
        }
    }

    private static func append(_ release: Release, _ writer: JournalWriter, actor: String) throws {
        try writer.append(
            .releaseAdded, actor: actor,
            body: [
                "profile": .string(release.profile), "version": .string(release.version),
                "sha256": .string(release.sha256), "images": .array(release.images.map(Self.json)),
                "device_sdk": .init(release.deviceSDK), "ship": Self.json(release.ship),
            ])
    }

    /// Every release, by profile and version.
    public func releases() async throws -> [Release] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM release ORDER BY profile, version").map(Self.release)
        }
    }

    /// The release of that profile and version.
    public func release(profile: String, version: String) async throws -> Release? {
        try await read { try Self.release($0, profile: profile, version: version) }
    }

    /// Takes an order from one state to another (see ``WorkOrder/State``); asking for the state it has is no change.
    /// - Parameters:
    ///   - expected: what the caller last saw; where it is otherwise by now nothing changes and the order as it is comes
    ///     back. nil = whatever it is.
    ///   - holdCode: why it is held; nil when a person asked.
    ///   - leavingUnsettled: lets an order close although a run is open or a unit's last run was cut off.
    ///   - second: who signs besides; terminating takes one, another person than `actor`.
    ///   - details: what belongs to the change besides its reason.
    /// - Throws: ``JournalError`` with `notFound`, or `conflict`: that state does not follow, another order of the profile
    ///   is working, something is unsettled, or the second signature is missing.
    @discardableResult
    public func changeOrder(
        _ id: String, expected: WorkOrder? = nil, to state: WorkOrder.State, holdCode: FailureCode? = nil,
        leavingUnsettled: Bool = false, second: String? = nil, details: JSONValue = nil,
        reason: String, actor: String
    ) async throws -> WorkOrder {
        let changed = try await write { writer in
            guard var order = try Self.order(writer.db, id: id) else {
                throw JournalError(
                    .notFound, "there is no order \(id); `station order list` shows them", zh: "没有工单 \(id)")
            }
            if let expected, expected.state != order.state || expected.holdCode != order.holdCode { return order }
            guard order.state != state || order.holdCode != holdCode?.text else { return order }
            try Self.insist(order, mayBecome: state)
            if state == .terminated, second == nil || second == actor {
                throw JournalError(
                    .conflict,
                    "order \(id) is terminated by two people: expected a second one, received \(second ?? "none")",
                    zh: "终止工单 \(id) 要两个人签字")
            }
            if state == .open { try Self.insistOnOneWorking(writer.db, order) }
            if state == .closed, !leavingUnsettled { try Self.insistOnSettled(writer.db, order) }
            try writer.append(
                .orderChanged, actor: actor,
                body: [
                    "order": .string(id), "from": .string(order.state.rawValue), "to": .string(state.rawValue),
                    "hold_code": .init(holdCode?.text), "reason": .string(reason), "second": .init(second),
                    "details": details,
                ])
            // What the station held and opens by itself asks for no new first article; what a person opens does.
            if state == .open, order.rules.firstArticle, !(order.state == .held && order.isWorking) {
                order.firstArticle = .wanted
            }
            // Who opens it as it is, whatever it was, is a person, who lets it go on with its offline debt.
            if expected == nil, order.waitsForDebt, state == .open { order.debtWaived = true }
            order.state = state
            order.holdCode = holdCode?.text
            try writer.execute(
                "UPDATE work_order SET state = ?, hold_code = ?, first_article = ?, debt_waived = ? WHERE id = ?",
                [state.rawValue, holdCode?.text, order.firstArticle.rawValue, order.debtWaived, id])
            return order
        }
        if changed.state.isOver { try await writeHead() }
        return changed
    }

    /// Records how far the order's first article is: passed by a run, or confirmed by a leader.
    /// - Throws: ``JournalError`` with `notFound`, or `conflict` where it is not that far.
    @discardableResult
    public func recordFirstArticle(
        _ id: String, _ stage: FirstArticle, details: JSONValue, reason: String, actor: String
    ) async throws -> WorkOrder {
        try await write { writer in
            guard var order = try Self.order(writer.db, id: id) else {
                throw JournalError(
                    .notFound, "there is no order \(id); `station order list` shows them", zh: "没有工单 \(id)")
            }
            let before: FirstArticle = stage == .passed ? .wanted : .passed
            guard order.firstArticle == before else {
                throw JournalError(
                    .conflict,
                    "order \(id): its first article is \(order.firstArticle.rawValue), expected \(before.rawValue)",
                    zh: before == .passed ? "工单 \(id) 没有等待确认的首件" : "工单 \(id) 不需要首件")
            }
            try writer.append(
                .firstArticle, actor: actor,
                body: [
                    "order": .string(id), "from": .string(before.rawValue), "to": .string(stage.rawValue),
                    "details": details, "reason": .string(reason),
                ])
            order.firstArticle = stage
            try writer.execute("UPDATE work_order SET first_article = ? WHERE id = ?", [stage.rawValue, id])
            return order
        }
    }

    /// Notes the content of a board profile at the working orders of it: where that is another one than before, the first
    /// article is looked at again.
    public func noteProfile(_ profile: String, digest: String, actor: String) async throws {
        try await write { writer in
            let rows = try Row.fetchAll(
                writer.db, sql: "SELECT * FROM work_order WHERE profile = ? AND profile_digest IS NOT ?",
                arguments: [profile, digest])
            for row in rows {
                let order = try Self.order(row)
                guard !order.state.isOver else { continue }
                try writer.execute("UPDATE work_order SET profile_digest = ? WHERE id = ?", [digest, order.id])
                if row["profile_digest"] != nil as String? {
                    try Self.wantFirstArticle(writer, order, reason: "the board profile is another one", actor: actor)
                }
            }
        }
    }

    /// Has one slot work alone again until a board has passed and a leader has looked at it.
    static func wantFirstArticle(
        _ writer: JournalWriter, _ order: WorkOrder, reason: String, actor: String
    ) throws {
        guard order.rules.firstArticle, order.state == .open || order.isWorking,
            [.passed, .confirmed].contains(order.firstArticle)
        else { return }
        try writer.append(
            .firstArticle, actor: actor,
            body: [
                "order": .string(order.id), "from": .string(order.firstArticle.rawValue),
                "to": .string(FirstArticle.wanted.rawValue), "details": .null, "reason": .string(reason),
            ])
        try writer.execute(
            "UPDATE work_order SET first_article = ? WHERE id = ?", [FirstArticle.wanted.rawValue, order.id])
    }

    /// Every order, in the order of their making.
    public func orders() async throws -> [WorkOrder] {
        try await read { try Row.fetchAll($0, sql: "SELECT * FROM work_order ORDER BY id").map(Self.order) }
    }

    /// The order of that id.
    public func order(_ id: String) async throws -> WorkOrder? {
        try await read { try Self.order($0, id: id) }
    }

    // MARK: - Inside the transaction

    private static func insist(_ order: WorkOrder, mayBecome state: WorkOrder.State) throws {
        guard order.state == state || order.state.mayBecome(state) else {
            let next = order.state.next.map(\.rawValue).joined(separator: ", ")
            throw JournalError(
                .conflict,
                "order \(order.id) is \(order.state.rawValue) and cannot become \(state.rawValue): "
                    + (next.isEmpty ? "make a new order" : "expected \(next)"),
                zh: "工单 \(order.id) \(order.state.zh)，不能变为\(state.zh)")
        }
    }

    /// Slots find their order by its profile, so one order of a profile works at a time.
    private static func insistOnOneWorking(_ db: Database, _ order: WorkOrder) throws {
        let others = try Row.fetchAll(
            db, sql: "SELECT * FROM work_order WHERE profile = ? AND id <> ?", arguments: [order.profile, order.id]
        ).map(Self.order)
        if let other = others.first(where: \.isWorking) {
            throw JournalError(
                .conflict, "order \(other.id) is \(other.state.rawValue) for \(order.profile) boards; close it first",
                zh: "\(order.profile) 板的工单 \(other.id) \(other.state.zh)：先暂停或关闭它")
        }
    }

    static func insistOnSettled(_ db: Database, _ order: WorkOrder) throws {
        let open =
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM run WHERE work_order = ? AND outcome IS NULL", arguments: [order.id])
            ?? 0
        let units = try String.fetchAll(
            db,
            sql: """
                SELECT device_name FROM unit WHERE work_order = ? AND state IN ('claimed', 'awaitingActivation')
                ORDER BY id LIMIT 20
                """, arguments: [order.id])
        let batches =
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM batch WHERE work_order = ? AND state = 'open'", arguments: [order.id])
            ?? 0
        guard batches == 0 else {
            throw JournalError(
                .conflict,
                "order \(order.id) has \(batches) batches of names that are not done: let the station work them off, or "
                    + "terminate the batch", zh: "工单 \(order.id) 还有 \(batches) 批名称没有建完：等工站做完，或终止")
        }
        guard open == 0, units.isEmpty else {
            throw JournalError(
                .conflict,
                "order \(order.id) has \(open) open runs and units that were cut off or wait for their activation ("
                    + "\(units.joined(separator: ", "))): place those boards again, or terminate the batch",
                zh: "工单 \(order.id) 还有 \(open) 次运行和 \(units.count) 块板没有了结：再放一次这些板，或终止")
        }
    }

    // MARK: - Rows

    static func order(_ db: Database, id: String) throws -> WorkOrder? {
        try Row.fetchOne(try db.cachedStatement(sql: "SELECT * FROM work_order WHERE id = ?"), arguments: [id])
            .map(order)
    }

    static func order(_ row: Row) throws -> WorkOrder {
        guard let registration = RegistrationMode(rawValue: row["registration"]),
            let activation = ActivationMode(row["activation"] as String),
            let identities = IdentityRule(json: try JSONValue(parsing: row["identities"]))
        else { throw JournalError(.broken, "order \(row["id"] as String) has an unknown mode or identity rule") }
        return WorkOrder(
            id: row["id"],
            terms: WorkOrder.Terms(
                productKey: row["product_key"], release: row["release"], profile: row["profile"], quota: row["quota"],
                registration: registration, activation: activation,
                window: (row["window"] as String?).flatMap { ProductionWindow($0) },
                rules: OrderRules(json: try JSONValue(parsing: row["rules"])), identities: identities,
                limits: OrderLimits(json: try JSONValue(parsing: row["limits"]))),
            state: WorkOrder.State(rawValue: row["state"]) ?? .held, holdCode: row["hold_code"],
            claimed: row["claimed"], activatesAll: row["activates_all"],
            firstArticle: FirstArticle(rawValue: row["first_article"]) ?? .wanted, debtWaived: row["debt_waived"])
    }

    static func release(_ db: Database, profile: String, version: String) throws -> Release? {
        try Row.fetchOne(
            db, sql: "SELECT * FROM release WHERE profile = ? AND version = ?", arguments: [profile, version]
        ).map(release)
    }

    private static func release(_ row: Row) throws -> Release {
        let images = try JSONValue(parsing: row["images"]).array ?? []
        return Release(
            profile: row["profile"], version: row["version"],
            images: images.map {
                Release.Image(
                    region: $0["region"].string ?? "", file: $0["file"].string ?? "", size: Int($0["size"].int ?? 0),
                    sha256: $0["sha256"].string ?? "")
            }, sha256: row["sha256"], deviceSDK: row["device_sdk"],
            ship: (try JSONValue(parsing: row["ship"]).object ?? [:]).compactMapValues(\.string))
    }

    private static func json(_ ship: [String: String]) -> JSONValue { .object(ship.mapValues(JSONValue.string)) }

    private static func json(_ image: Release.Image) -> JSONValue {
        [
            "region": .string(image.region), "file": .string(image.file), "size": .init(image.size),
            "sha256": .string(image.sha256),
        ]
    }
}

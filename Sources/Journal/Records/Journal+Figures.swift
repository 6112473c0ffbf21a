import GRDB
public import Provisioning

/// What has become of an order's units so far.
public struct OrderFigures: Hashable, Sendable {
    public var order: WorkOrder
    public var passed = 0
    public var done = 0
    public var failed = 0
    public var held = 0
    /// Flashed, and waiting only for their activation.
    public var offlineDebt = 0
    public var scrapped = 0
    public var replaced = 0
    /// Claimed, and without an outcome yet.
    public var open = 0

    public init(order: WorkOrder) { self.order = order }

    /// Good units in a thousand of those that are concluded, as reports count the final yield; nil while there is none.
    public var yieldPermille: Int? {
        let concluded = passed + done + failed + held + scrapped + replaced + offlineDebt
        return concluded == 0 ? nil : (passed + done) * 1000 / concluded
    }
}

/// A unit that lies in the HOLD tray: its last run ended without an outcome of its own, or it waits for a person.
public struct TrayUnit: Hashable, Sendable {
    public let deviceName: String
    public let order: String
    public let code: String?
    /// When its last run began.
    public let since: String
}

extension Journal {
    /// The number of the last record; 0 where there is none.
    public func lastSequence() async throws -> Int64 {
        try await read { try Int64.fetchOne($0, sql: "SELECT max(seq) FROM record") ?? 0 }
    }

    /// The figures of every order, by number; of one order where it is named.
    public func figures(order id: String? = nil) async throws -> [OrderFigures] {
        try await read { db in
            let filter = id == nil ? "" : "WHERE id = ?"
            var figures = try Row.fetchAll(
                db, sql: "SELECT * FROM work_order \(filter) ORDER BY id", arguments: id.map { [$0] } ?? []
            ).map { OrderFigures(order: try Self.order($0)) }
            let places = Dictionary(uniqueKeysWithValues: figures.enumerated().map { ($1.order.id, $0) })
            let condition = id == nil ? "" : "AND unit.work_order = ?"
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT work_order, state, count(*) AS units FROM unit WHERE 1 \(condition) GROUP BY work_order, state
                    """, arguments: id.map { [$0] } ?? [])
            for row in rows {
                guard let place = places[row["work_order"]] else { continue }
                let units: Int = row["units"]
                switch BoardUnit.State(rawValue: row["state"]) {
                case .passed?: figures[place].passed = units
                case .done?: figures[place].done = units
                case .failed?: figures[place].failed = units
                case .held?: figures[place].held = units
                case .awaitingActivation?: figures[place].offlineDebt = units
                case .scrapped?: figures[place].scrapped = units
                case .replaced?: figures[place].replaced = units
                case .claimed?: figures[place].open = units
                case nil: break
                }
            }
            return figures
        }
    }

    /// The units in the HOLD tray: on hold or waiting for their activation, with no run under way; the latest first.
    public func tray(limit: Int = 200) async throws -> [TrayUnit] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT unit.device_name, unit.work_order, run.failure_code, run.started FROM unit
                    JOIN work_order ON work_order.id = unit.work_order AND work_order.state NOT IN ('closed', 'terminated')
                    LEFT JOIN run ON run.id = (SELECT max(id) FROM run WHERE run.unit = unit.id)
                    WHERE unit.state IN ('held', 'awaitingActivation')
                        AND NOT EXISTS (SELECT 1 FROM run WHERE run.unit = unit.id AND run.outcome IS NULL)
                    ORDER BY run.id DESC LIMIT ?
                    """, arguments: [limit]
            ).map { row in
                TrayUnit(
                    deviceName: row["device_name"], order: row["work_order"], code: row["failure_code"],
                    since: row["started"] ?? "")
            }
        }
    }
}

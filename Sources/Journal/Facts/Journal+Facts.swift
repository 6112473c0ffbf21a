import GRDB
public import Provisioning

/// Which facts are read.
public enum FactScope: Hashable, Sendable {
    case all
    /// Of an order's units, of units of other orders that it ran (a re-flash or reset of a closed order's), from the unit's
    /// first fact on, and its runs that came to no unit.
    case order(String)
    /// Of every unit that a shift had anything to do with, from the unit's first fact on, and the shift's runs that came to
    /// no unit.
    case shift(String)
    /// Of every unit with a fact in that time, from the unit's first fact on; milliseconds since 1970, nil = without end.
    case time(from: Int64?, until: Int64?)
}

extension Journal {
    /// Streams facts in the order of unit and sequence number; memory does not grow with their number.
    /// - Parameters:
    ///   - last: facts of later records are left out; nil = none is.
    ///   - body: called on the reader's thread, once a fact.
    public func facts(
        _ scope: FactScope, upTo last: Int64? = nil, _ body: @Sendable @escaping (Fact) throws -> Void
    ) async throws {
        try await read { db in
            let (condition, arguments) = Self.condition(scope)
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT \(FactTable.columns) FROM fact WHERE seq <= ? AND (\(condition)) ORDER BY unit, seq
                    """, arguments: [last ?? .max] + arguments)
            while let row = try rows.next() { try body(try FactTable.fact(row)) }
        }
    }

    private static func condition(_ scope: FactScope) -> (String, StatementArguments) {
        switch scope {
        case .all: ("1", [])
        case .order(let id):
            (
                """
                unit IN (
                    SELECT 0 UNION SELECT id FROM unit WHERE work_order = ?
                    UNION SELECT unit FROM fact WHERE work_order = ?)
                AND (unit > 0 OR work_order = ?)
                """, [id, id, id]
            )
        case .shift(let id):
            (
                """
                unit IN (
                    SELECT 0 UNION SELECT unit FROM fact WHERE shift = ?
                    UNION SELECT unit FROM fact WHERE shift_concluded = ?)
                AND (unit > 0 OR shift = ?)
                """, [id, id, id]
            )
        case .time(nil, nil): ("1", [])
        case .time(let from, let until):
            (
                """
                (unit = 0 AND time >= ? AND coalesce(started, time) < ?) OR unit IN (
                    SELECT unit FROM fact WHERE unit > 0 AND time >= ? AND coalesce(started, time) < ?)
                """, [from ?? .min, until ?? .max, from ?? .min, until ?? .max]
            )
        }
    }
}

import Dispatch
import GRDB
import Provisioning

/// The journal's names as they were at one moment, while the line goes on writing.
///
/// Holds a reader's place in the write-ahead log, which cannot be cut back meanwhile: keep it for seconds, not for hours.
public struct NameSnapshot: Sendable {
    private let snapshot: DatabaseSnapshot
    /// The last record it knows of.
    public let head: Int64
    /// Units with an open run.
    private let running: Set<Int64>

    init(_ snapshot: DatabaseSnapshot) async throws {
        self.snapshot = snapshot
        (head, running) = try await snapshot.read { db in
            (
                try Int64.fetchOne(db, sql: "SELECT max(seq) FROM record") ?? 0,
                Set(
                    try Int64.fetchAll(
                        db, sql: "SELECT DISTINCT unit FROM run WHERE outcome IS NULL AND unit IS NOT NULL"))
            )
        }
    }

    /// The names of a product, by folded name in byte order, in batches.
    public func names(productKey: String) -> Names { Names(source: self, productKey: productKey) }

    /// Names of a product in batches, read as they are asked for; memory does not grow with their number.
    public struct Names: AsyncSequence, Sendable {
        public typealias Element = [JournalName]
        public typealias Failure = any Error

        let source: NameSnapshot
        let productKey: String

        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: self) }

        public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
            private static let batch = 2048
            let source: Names
            private var last: String? = ""

            init(source: Names) { self.source = source }

            public mutating func next() async throws -> [JournalName]? {
                guard let last else { return nil }
                let (snapshot, product) = (source.source, source.productKey)
                let found = try await snapshot.page(product, after: last, limit: Self.batch)
                self.last = found.count == Self.batch ? found.last?.key : nil
                return found.isEmpty ? nil : found
            }
        }
    }

    /// What is known of one name; nil = nothing.
    public func name(_ name: String, productKey: String) async throws -> JournalName? {
        let (running, key) = (running, name.lowercased())
        return try await snapshot.read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT \(Self.columns) FROM known_name WHERE product_key = ? AND name_folded = ?")
            let rows = try Row.fetchCursor(statement, arguments: [productKey, key])
            return try rows.next().map { _ in Self.name(statement.sqliteStatement, running) }
        }
    }

    /// Whether a reset that this station made left the DeviceSecret as it was: then one that somebody else made does so
    /// too, and nothing shows it.
    public func keepsSecret(productKey: String) async throws -> Bool {
        try await snapshot.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM known_name WHERE kept_secret = 1 AND product_key = ?)",
                arguments: [productKey]) ?? false
        }
    }

    private static let columns = """
        name_folded, device_name, unit, coalesce(work_order, list_order), identity, state, iot_id, client_id, loose_boots, \
        listed, baseline, flashed, was_reset, decided, clash, looked_at, activated_at, secret_digest, changed
        """

    private func page(_ product: String, after key: String, limit: Int) async throws -> [JournalName] {
        let running = running
        return try await snapshot.read { db in
            var names: [JournalName] = []
            names.reserveCapacity(limit)
            let statement = try db.cachedStatement(
                sql: """
                    SELECT \(Self.columns) FROM known_name WHERE product_key = ? AND name_folded > ? ORDER BY name_folded LIMIT ?
                    """)
            let rows = try Row.fetchCursor(statement, arguments: [product, key, limit])
            // Straight out of SQLite's row: a million names are read in a second.
            while try rows.next() != nil { names.append(Self.name(statement.sqliteStatement, running)) }
            return names
        }
    }

    /// The name in the row that `statement` stands on, by ``columns``.
    private static func name(_ statement: SQLiteStatement, _ running: Set<Int64>) -> JournalName {
        func text(_ index: CInt) -> String? { String.fromStatement(statement, atUncheckedIndex: index) }
        func number(_ index: CInt) -> Int64? { Int64.fromStatement(statement, atUncheckedIndex: index) }
        // Of columns that are never null.
        func whole(_ index: CInt) -> Int64 { Int64(sqliteStatement: statement, index: index) }
        let unit = number(2)
        return JournalName(
            key: text(0) ?? "", name: text(1), unit: unit, order: text(3), identity: text(4),
            state: text(5).flatMap(BoardUnit.State.init), iotID: text(6), clientID: text(7), looseBoots: whole(8),
            isListed: whole(9) != 0, isBaseline: whole(10) != 0, isFlashed: whole(11) != 0, isReset: whole(12) != 0,
            isRunning: running.isEmpty ? false : unit.map { running.contains($0) } ?? false,
            isDecided: whole(13) != 0, clash: number(14).flatMap(JournalName.Clash.init), lookedAt: number(15),
            activatedAt: number(16), secretDigest: text(17), changed: whole(18))
    }
}

extension Journal {
    /// The journal's names as they are now, whatever is written afterwards.
    public func nameSnapshot() async throws -> NameSnapshot {
        guard let pool = pool as? DatabasePool else {
            throw JournalError(.conflict, "the journal in \(folder) has no snapshots")
        }
        // Opens a connection, which blocks.
        let snapshot: DatabaseSnapshot = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try pool.makeSnapshot() }) }
        }
        return try await NameSnapshot(snapshot)
    }
}

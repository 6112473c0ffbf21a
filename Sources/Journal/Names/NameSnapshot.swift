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

        public struct AsyncIterator: AsyncIteratorProtocol {
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
            try Row.fetchOne(
                db, sql: "SELECT \(Self.columns) FROM known_name WHERE product_key = ? AND name_folded = ?",
                arguments: [productKey, key]
            ).map { Self.name($0, running) }
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
            while let row = try rows.next() { names.append(Self.name(row, running)) }
            return names
        }
    }

    private static func name(_ row: Row, _ running: Set<Int64>) -> JournalName {
        let unit: Int64? = row[2]
        return JournalName(
            key: row[0], name: row[1], unit: unit, order: row[3], identity: row[4],
            state: (row[5] as String?).flatMap(BoardUnit.State.init), iotID: row[6], clientID: row[7],
            looseBoots: row[8], isListed: row[9], isBaseline: row[10], isFlashed: row[11], isReset: row[12],
            isRunning: unit.map { running.contains($0) } ?? false, isDecided: row[13],
            clash: (row[14] as Int64?).flatMap(JournalName.Clash.init), lookedAt: row[15], activatedAt: row[16],
            secretDigest: row[17], changed: row[18])
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

import GRDB
import Provisioning

extension Journal {
    /// The number of the record that made an order; nil where there is none.
    public func firstRecord(order: String) async throws -> Int64? {
        try await read { db in
            // The first test is cheap and leaves a handful for the second.
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT seq FROM record WHERE instr(text, '"kind":"order.created"') > 0
                        AND json_extract(text, '$.body.order') = ? ORDER BY seq LIMIT 1
                    """, arguments: [order])
        }
    }

    /// The chain's place at a record; nil where there is no such record.
    public func place(_ seq: Int64) async throws -> JournalHead? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT hash FROM record WHERE seq = ?", arguments: [seq]).map {
                JournalHead(seq: seq, hash: Chain.hex($0[0] as DatabaseBytes))
            }
        }
    }

    /// Streams the records from `first` to `last` as an order's archive shows them; memory does not grow with their number.
    ///
    /// Whole are: records that name the order, one of its runs, units or workflows, or its product; and those of the station
    /// itself. Of any other only the place on the chain is told.
    /// - Parameter body: called on the reader's thread, once a record, in order.
    public func excerpt(
        order: String, from first: Int64, to last: Int64, _ body: @Sendable @escaping (ExportRow) throws -> Void
    ) async throws {
        try await read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    WITH part AS (
                        SELECT seq, text, digest, hash, json_extract(text, '$.kind') AS kind,
                            json_extract(text, '$.body.order') AS body_order, json_extract(text, '$.body.unit') AS body_unit,
                            json_extract(text, '$.body.run') AS body_run,
                            json_extract(text, '$.body.workflow') AS body_workflow,
                            json_extract(text, '$.body.product_key') AS body_product
                        FROM record WHERE seq BETWEEN :first AND :last)
                    SELECT seq, text, digest, hash,
                        coalesce(kind IS NOT NULL AND (body_order = :order
                        OR (body_unit IS NOT NULL AND EXISTS (
                            SELECT 1 FROM unit WHERE unit.id = body_unit AND unit.work_order = :order))
                        OR (body_run IS NOT NULL AND EXISTS (
                            SELECT 1 FROM run LEFT JOIN unit ON unit.id = run.unit
                            WHERE run.id = body_run AND (run.work_order = :order OR unit.work_order = :order)))
                        OR (body_workflow IS NOT NULL AND EXISTS (
                            SELECT 1 FROM workflow JOIN unit ON unit.id = workflow.unit
                            WHERE workflow.id = body_workflow AND unit.work_order = :order))
                        OR (body_order IS NULL AND body_product = (
                            SELECT product_key FROM work_order WHERE work_order.id = :order))
                        OR (body_order IS NULL AND body_unit IS NULL AND body_run IS NULL AND body_product IS NULL
                            AND (\(Self.stationWide.map { "kind GLOB '\($0)'" }.joined(separator: " OR "))))), 0) AS whole
                    FROM part ORDER BY seq
                    """, arguments: ["order": order, "first": first, "last": last])
            while let row = try rows.next() {
                let isWhole: Bool = row[4]
                try body(
                    ExportRow(
                        seq: row[0], digest: [UInt8](row[2] as DatabaseBytes), hash: [UInt8](row[3] as DatabaseBytes),
                        record: isWhole ? Array((row[1] as String).utf8) : nil))
            }
        }
    }

    /// Kinds of records that belong to every order, where they name none.
    private static let stationWide = [
        "station.*", "shift.*", "release.*", "probe.*", "person.*", "backup.*", "restore.*", "runs.archived",
    ]
}

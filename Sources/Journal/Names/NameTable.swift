import GRDB
import Provisioning

/// The table of names: what the journal knows of each DeviceName of a product, in the order of product and folded name on
/// disk, so that a million of them are read in a second.
///
/// ```
///  batch.listed, batch.concluded ─┐
///  baseline.imported ─────────────┤
///  claim.*, intent.*, cloud.read ─┼─► known_name (product, folded name) ──► reconciliation
///  run / workflow.concluded, … ───┘
/// ```
///
/// Each record changes it in its own transaction, and by what stands in the record alone; so it can be made anew from the
/// records at any time (``fill(_:)``), also by somebody else.
enum NameTable {
    static func migrate(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("8 names, reconciliations") { db in
            try db.execute(
                sql: """
                    CREATE TABLE known_name (
                        product_key TEXT NOT NULL, name_folded TEXT NOT NULL, device_name TEXT NOT NULL, unit INTEGER,
                        work_order TEXT, list_order TEXT, identity TEXT, state TEXT, iot_id TEXT, client_id TEXT,
                        loose_boots INTEGER NOT NULL DEFAULT 0, listed INTEGER NOT NULL DEFAULT 0,
                        baseline INTEGER NOT NULL DEFAULT 0, flashed INTEGER NOT NULL DEFAULT 0,
                        was_reset INTEGER NOT NULL DEFAULT 0, decided INTEGER NOT NULL DEFAULT 0,
                        kept_secret INTEGER NOT NULL DEFAULT 0, clash INTEGER,
                        looked_at INTEGER, activated_at INTEGER, secret_digest TEXT, changed INTEGER NOT NULL,
                        PRIMARY KEY (product_key, name_folded)) WITHOUT ROWID;
                    CREATE UNIQUE INDEX known_unit ON known_name (unit) WHERE unit IS NOT NULL;
                    CREATE INDEX known_kept ON known_name (product_key) WHERE kept_secret = 1;
                    CREATE TABLE reconciliation (
                        id INTEGER PRIMARY KEY, work_order TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL);
                    CREATE INDEX reconciliation_order ON reconciliation (work_order, id);
                    """)
            try fill(db)
        }
    }

    /// Makes the table from the records.
    static func fill(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM known_name")
        let texts = try String.fetchCursor(db, sql: "SELECT text FROM record ORDER BY seq")
        while let text = try texts.next() {
            guard let record = try? JSONValue(parsing: text), let seq = record["seq"].int,
                let kind = record["kind"].string.flatMap(RecordKind.init)
            else { continue }
            try NameChange(db: db, seq: seq, body: record["body"]).apply(kind)
        }
        // Records of older stations do not say what became of the unit.
        try db.execute(
            sql: """
                UPDATE known_name SET (state, iot_id, client_id, loose_boots, was_reset) = (
                    SELECT state, iot_id, client_id, unsettled_boots, was_reset FROM unit WHERE unit.id = known_name.unit)
                WHERE unit IS NOT NULL
                """)
    }
}

import GRDB

extension Schema {
    /// Holds of production, devices taken over after a restore, and whether the head has had a witness.
    static func registerBackup(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("9 holds of production, archived runs") { db in
            try db.execute(
                sql: """
                    CREATE TABLE production_hold (
                        id INTEGER PRIMARY KEY, cause TEXT NOT NULL, details TEXT NOT NULL,
                        settled INTEGER NOT NULL DEFAULT 0);
                    CREATE TABLE taken_over (
                        product_key TEXT NOT NULL, name_folded TEXT NOT NULL, device_name TEXT NOT NULL,
                        iot_id TEXT NOT NULL, work_order TEXT NOT NULL REFERENCES work_order (id), unit INTEGER,
                        PRIMARY KEY (product_key, name_folded));
                    CREATE TABLE witnessed (id INTEGER PRIMARY KEY CHECK (id = 1));
                    """)
        }
        migrator.registerMigration("10 archives of batches") { db in
            try db.execute(
                sql: """
                    CREATE TABLE batch_archive (
                        work_order TEXT PRIMARY KEY REFERENCES work_order (id), folder TEXT NOT NULL,
                        manifest_sha256 TEXT NOT NULL, head INTEGER NOT NULL, seq INTEGER NOT NULL);
                    """)
        }
    }
}

import GRDB

/// The tables: `record` is the truth, the rest is derived from it in the same transactions.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 records, releases, orders, units, runs, intents") { db in
            try db.execute(
                sql: """
                    CREATE TABLE record (
                        seq INTEGER PRIMARY KEY, text TEXT NOT NULL, digest BLOB NOT NULL, hash BLOB NOT NULL);
                    CREATE TABLE release (
                        profile TEXT NOT NULL, version TEXT NOT NULL, sha256 TEXT NOT NULL, images TEXT NOT NULL,
                        PRIMARY KEY (profile, version));
                    CREATE TABLE work_order (
                        id TEXT PRIMARY KEY, product_key TEXT NOT NULL, release TEXT NOT NULL, profile TEXT NOT NULL,
                        quota INTEGER NOT NULL CHECK (quota >= 1), state TEXT NOT NULL, hold_code TEXT,
                        claimed INTEGER NOT NULL DEFAULT 0, CHECK (claimed <= quota));
                    CREATE TABLE unit (
                        id INTEGER PRIMARY KEY, work_order TEXT NOT NULL REFERENCES work_order (id),
                        product_key TEXT NOT NULL, kind TEXT NOT NULL, identity TEXT NOT NULL, uid TEXT NOT NULL UNIQUE,
                        uid_source TEXT NOT NULL, mac_first INTEGER, mac_last INTEGER, device_name TEXT NOT NULL,
                        name_folded TEXT NOT NULL, state TEXT NOT NULL, runs INTEGER NOT NULL, iot_id TEXT,
                        flash_unknown INTEGER NOT NULL DEFAULT 0, registration_unknown INTEGER NOT NULL DEFAULT 0,
                        UNIQUE (kind, identity), UNIQUE (product_key, name_folded));
                    CREATE INDEX unit_mac ON unit (mac_first, mac_last);
                    CREATE TABLE run (
                        id INTEGER PRIMARY KEY, slot TEXT NOT NULL, work_order TEXT, unit INTEGER REFERENCES unit (id),
                        identity TEXT, started TEXT NOT NULL, outcome TEXT, failure_code TEXT, conclusion TEXT);
                    CREATE INDEX run_unit ON run (unit);
                    CREATE INDEX run_open ON run (outcome) WHERE outcome IS NULL;
                    CREATE TABLE intent (
                        id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run (id), unit INTEGER,
                        effect TEXT NOT NULL, key TEXT NOT NULL, details TEXT NOT NULL, result TEXT, known INTEGER NOT NULL DEFAULT 0);
                    CREATE INDEX intent_open ON intent (result) WHERE result IS NULL;
                    CREATE INDEX intent_unit ON intent (unit, effect);
                    """)
        }
        return migrator
    }
}

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
        migrator.registerMigration("2 modes of orders, workflows, batches, leak watch") { db in
            try db.execute(
                sql: """
                    ALTER TABLE release ADD COLUMN device_sdk TEXT;
                    ALTER TABLE work_order ADD COLUMN registration TEXT NOT NULL DEFAULT 'pre-registered';
                    ALTER TABLE work_order ADD COLUMN activation TEXT NOT NULL DEFAULT 'board';
                    ALTER TABLE work_order ADD COLUMN window TEXT;
                    ALTER TABLE work_order ADD COLUMN activates_all INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE unit ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 1;
                    ALTER TABLE unit ADD COLUMN pending TEXT;
                    ALTER TABLE unit ADD COLUMN client_id TEXT;
                    ALTER TABLE unit ADD COLUMN unsettled_boots INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE unit ADD COLUMN activity INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE unit ADD COLUMN was_reset INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE unit ADD COLUMN replaced_by TEXT;
                    UPDATE unit SET ordinal = (SELECT count(*) FROM unit AS earlier
                        WHERE earlier.work_order = unit.work_order AND earlier.id <= unit.id);
                    UPDATE unit SET activity = CASE WHEN state = 'passed' THEN 2
                        WHEN id IN (SELECT unit FROM intent WHERE effect = 'boot') THEN 1 ELSE 0 END;
                    CREATE TABLE workflow (
                        id INTEGER PRIMARY KEY, unit INTEGER NOT NULL REFERENCES unit (id), kind TEXT NOT NULL,
                        result TEXT);
                    CREATE TABLE intent_2 (
                        id INTEGER PRIMARY KEY, run INTEGER REFERENCES run (id),
                        workflow INTEGER REFERENCES workflow (id), unit INTEGER, effect TEXT NOT NULL,
                        key TEXT NOT NULL, details TEXT NOT NULL, result TEXT, known INTEGER NOT NULL DEFAULT 0);
                    INSERT INTO intent_2 (id, run, unit, effect, key, details, result, known)
                        SELECT id, run, unit, effect, key, details, result, known FROM intent;
                    DROP TABLE intent;
                    ALTER TABLE intent_2 RENAME TO intent;
                    CREATE INDEX intent_open ON intent (result) WHERE result IS NULL;
                    CREATE INDEX intent_unit ON intent (unit, effect);
                    CREATE TABLE batch (
                        work_order TEXT NOT NULL REFERENCES work_order (id), number INTEGER NOT NULL,
                        names_digest TEXT NOT NULL, checkpoint TEXT, state TEXT NOT NULL,
                        PRIMARY KEY (work_order, number));
                    CREATE INDEX batch_open ON batch (state) WHERE state = 'open';
                    CREATE TABLE listed_name (
                        product_key TEXT NOT NULL, name_folded TEXT NOT NULL, device_name TEXT NOT NULL,
                        work_order TEXT NOT NULL, batch INTEGER NOT NULL, line INTEGER NOT NULL, outcome TEXT,
                        reason TEXT, iot_id TEXT, PRIMARY KEY (product_key, name_folded));
                    CREATE INDEX listed_batch ON listed_name (work_order, batch, line);
                    CREATE TABLE baseline (
                        product_key TEXT NOT NULL, name_folded TEXT NOT NULL, PRIMARY KEY (product_key, name_folded));
                    CREATE TABLE baseline_import (product_key TEXT PRIMARY KEY, names INTEGER NOT NULL);
                    CREATE TABLE alarm (
                        id INTEGER PRIMARY KEY, product_key TEXT NOT NULL, device_name TEXT NOT NULL,
                        kind TEXT NOT NULL, details TEXT NOT NULL, cleared INTEGER NOT NULL DEFAULT 0);
                    CREATE UNIQUE INDEX alarm_open ON alarm (product_key, device_name, kind) WHERE cleared = 0;
                    """)
        }
        migrator.registerMigration("3 ship values of releases, SIM and tag of units") { db in
            try db.execute(
                sql: """
                    ALTER TABLE release ADD COLUMN ship TEXT NOT NULL DEFAULT '{}';
                    ALTER TABLE unit ADD COLUMN iccid TEXT;
                    ALTER TABLE unit ADD COLUMN tag TEXT;
                    """)
        }
        migrator.registerMigration("4 rules of orders, first articles") { db in
            try db.execute(
                sql: """
                    ALTER TABLE work_order ADD COLUMN rules TEXT NOT NULL DEFAULT '{}';
                    ALTER TABLE work_order ADD COLUMN first_article TEXT NOT NULL DEFAULT 'off';
                    """)
        }
        migrator.registerMigration("5 indexes of a unit's records and an order's figures") { db in
            try db.execute(
                sql: """
                    CREATE INDEX record_unit ON record (json_extract(text, '$.body.unit'))
                        WHERE json_extract(text, '$.body.unit') IS NOT NULL;
                    CREATE INDEX record_run ON record (json_extract(text, '$.body.run'))
                        WHERE json_extract(text, '$.body.run') IS NOT NULL;
                    CREATE INDEX unit_order ON unit (work_order, state);
                    CREATE INDEX run_failed ON run (unit) WHERE outcome = 'fail';
                    """)
        }
        migrator.registerMigration("6 labels") { db in
            try db.execute(
                sql: """
                    CREATE TABLE label (
                        unit INTEGER PRIMARY KEY REFERENCES unit (id), text TEXT NOT NULL UNIQUE,
                        copies INTEGER NOT NULL, confirmed INTEGER NOT NULL DEFAULT 0);
                    """)
        }
        migrator.registerMigration("7 facts, shifts") { db in
            try db.execute(
                sql: """
                    ALTER TABLE run ADD COLUMN operator TEXT;
                    ALTER TABLE run ADD COLUMN shift TEXT;
                    ALTER TABLE run ADD COLUMN mode TEXT;
                    ALTER TABLE run ADD COLUMN activation TEXT;
                    ALTER TABLE run ADD COLUMN is_first INTEGER NOT NULL DEFAULT 0;
                    CREATE TABLE shift (
                        id TEXT PRIMARY KEY, date TEXT NOT NULL, name TEXT NOT NULL, planned_from TEXT NOT NULL,
                        planned_until TEXT NOT NULL, zone TEXT NOT NULL, breaks TEXT NOT NULL, plan_per_hour INTEGER,
                        people TEXT NOT NULL, began TEXT NOT NULL, began_seq INTEGER NOT NULL, ended TEXT,
                        ended_seq INTEGER, ended_by TEXT, note TEXT);
                    CREATE UNIQUE INDEX shift_open ON shift ((ended_seq IS NULL)) WHERE ended_seq IS NULL;
                    CREATE INDEX shift_began ON shift (began_seq);
                    CREATE TABLE fact (
                        unit INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL, work_order TEXT,
                        time INTEGER NOT NULL, started INTEGER, shift TEXT, shift_concluded TEXT, slot TEXT,
                        operator TEXT, release TEXT, outcome TEXT, code TEXT, state TEXT, mode TEXT, activation TEXT,
                        detail TEXT, quota_returned INTEGER NOT NULL, steps BLOB NOT NULL,
                        PRIMARY KEY (unit, seq)) WITHOUT ROWID;
                    CREATE INDEX fact_order ON fact (work_order, unit, seq);
                    CREATE INDEX fact_shift ON fact (shift, unit) WHERE shift IS NOT NULL;
                    CREATE INDEX fact_shift_concluded ON fact (shift_concluded, unit)
                        WHERE shift_concluded IS NOT NULL;
                    """)
            try FactTable.fill(db)
        }
        migrator.registerMigration("8 identities and limits of orders") { db in
            try db.execute(
                sql: """
                    ALTER TABLE work_order ADD COLUMN identities TEXT NOT NULL DEFAULT '{"kind":"any"}';
                    ALTER TABLE work_order ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';
                    ALTER TABLE work_order ADD COLUMN debt_waived INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE work_order ADD COLUMN profile_digest TEXT;
                    CREATE TABLE order_identity (
                        work_order TEXT NOT NULL, identity TEXT NOT NULL,
                        PRIMARY KEY (work_order, identity)) WITHOUT ROWID;
                    """)
        }
        NameTable.migrate(&migrator)
        registerBackup(&migrator)
        migrator.registerMigration("11 index of replaced units") { db in
            try db.execute(
                sql: "CREATE INDEX unit_replaced ON unit (replaced_by) WHERE replaced_by IS NOT NULL")
        }
        // The page counts first passes no more: reports do, from facts.
        migrator.registerMigration("12 without an index that nothing reads") { db in
            try db.execute(sql: "DROP INDEX run_failed")
        }
        migrator.registerMigration("13 place of the station, tags against copies") { db in
            try db.execute(
                sql: """
                    CREATE TABLE station_mark (id INTEGER PRIMARY KEY CHECK (id = 1), mark TEXT NOT NULL);
                    CREATE TABLE copy_tag (
                        product_key TEXT PRIMARY KEY, counter INTEGER NOT NULL, value TEXT NOT NULL, previous TEXT,
                        adopts INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
                    """)
        }
        // A write that the cloud carries out late can bring back any of them.
        migrator.registerMigration("14 every tag that was left against copies") { db in
            try db.execute(
                sql: """
                    CREATE TABLE copy_tag_left (
                        product_key TEXT NOT NULL, value TEXT NOT NULL,
                        PRIMARY KEY (product_key, value)) WITHOUT ROWID;
                    INSERT INTO copy_tag_left SELECT product_key, value FROM copy_tag WHERE value <> '';
                    INSERT OR IGNORE INTO copy_tag_left
                        SELECT product_key, previous FROM copy_tag WHERE previous IS NOT NULL;
                    ALTER TABLE copy_tag DROP COLUMN previous;
                    """)
        }
        return migrator
    }
}

/// The same classes in SQL, for SQLite and DuckDB: what a person would write who has no merge join.
enum ReconcileSQL {
    /// Over `j (key, unit, state, iot_id, client_id, listed, flashed, clash, looked, activated, digest)` and
    /// `c (key, iot_id, state, activated, digest, client_ids)`.
    static let classes = """
        SELECT key, CASE
            WHEN live AND (unit IS NULL OR given OR other) THEN 'active-not-ours'
            WHEN clash = 1 THEN 'one-name-two-boards'
            WHEN clash = 2 THEN 'one-board-two-names'
            WHEN own AND ids IS NOT NULL AND length(ids) - length(replace(ids, ' ', '')) + 1
                - CASE WHEN ' ' || ids || ' ' LIKE '% ' || client_id || ' %' THEN 1 ELSE 0 END > 0
                THEN 'duplicate-client-ids'
            WHEN own AND active AND (flashed = 0 OR coalesce(c_activated, activated) < looked)
                THEN 'active-before-flash'
            WHEN own AND active AND (coalesce(c_activated, activated) < 1793491200000
                OR coalesce(c_activated, activated) >= 1793577600000) THEN 'active-outside-window'
            WHEN own AND digest <> c_digest THEN 'reset-without-record'
            WHEN NOT given AND iot_id IS NOT NULL AND (c_key IS NULL OR other) THEN 'deleted-in-cloud'
            WHEN unit IS NOT NULL AND NOT given AND c_key IS NULL AND flashed = 1 THEN 'flashed-not-registered'
            WHEN own AND state = 'passed' AND NOT active THEN 'passed-not-active'
            WHEN own AND active AND state <> 'passed' THEN 'active-not-passed'
            WHEN c_key IS NOT NULL AND NOT active AND NOT given AND (unit IS NULL OR flashed = 0)
                THEN 'registered-never-flashed'
            WHEN state = 'replaced' THEN 'replaced'
            WHEN state = 'scrapped' THEN 'scrapped'
            WHEN state IN ('held', 'claimed', 'failed', 'awaitingActivation') THEN 'held'
            WHEN state = 'done' THEN 'not-activated-by-plan'
            ELSE 'ok' END AS found
        FROM (
            SELECT pairs.*, coalesce(state IN ('scrapped', 'replaced'), FALSE) AS given,
                coalesce(iot_id <> c_iot_id, FALSE) AS other,
                coalesce(c_state IN ('ONLINE', 'OFFLINE'), FALSE) AS live,
                coalesce(c_state IN ('ONLINE', 'OFFLINE'), FALSE) OR c_activated IS NOT NULL AS active,
                unit IS NOT NULL AND c_key IS NOT NULL AND NOT coalesce(state IN ('scrapped', 'replaced'), FALSE)
                    AND NOT coalesce(iot_id <> c_iot_id, FALSE) AS own
            FROM (
                SELECT j.key, j.unit, j.state, j.iot_id, j.client_id, j.flashed, j.clash, j.looked, j.activated, j.digest,
                    c.key AS c_key, c.iot_id AS c_iot_id, c.state AS c_state, c.activated AS c_activated,
                    c.digest AS c_digest, c.client_ids AS ids
                FROM j LEFT JOIN c ON c.key = j.key
                UNION ALL
                SELECT c.key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, c.key, c.iot_id, c.state, c.activated,
                    c.digest, c.client_ids
                FROM c WHERE NOT EXISTS (SELECT 1 FROM j WHERE j.key = c.key)
            ) AS pairs
        ) AS marked
        """

    /// Those that do not agree, and how many do.
    private static func found(_ tables: String) -> String {
        """
        WITH \(tables), rows_found AS (\(classes))
        SELECT key, found FROM rows_found WHERE found <> 'ok' ORDER BY key
        """
    }

    /// On the journal's file with the spool attached as `cloud`.
    static var sqlite: String {
        found(
            """
            j AS NOT MATERIALIZED (SELECT name_folded AS key, unit, state, iot_id, client_id, listed, flashed, clash,
                looked_at AS looked, activated_at AS activated, secret_digest AS digest FROM main.known_name
                WHERE product_key = '\(ReconcilePlant.productKey)'),
            c AS NOT MATERIALIZED (SELECT key, iot_id, state, activated, digest, client_ids FROM cloud.device)
            """)
    }

    /// A Python script that DuckDB does it with: loads the CSV files, then joins; one JSON object on standard output.
    static func duckDB(_ data: ReconcileData) -> String {
        """
        import hashlib, json, resource, time
        import duckdb
        peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        db = duckdb.connect()
        idle, start = peak(), time.perf_counter()
        db.execute('''CREATE TABLE j AS SELECT * FROM read_csv('\(data.journalCSV)', header = false, nullstr = '', columns =
            {'key': 'VARCHAR', 'unit': 'BIGINT', 'state': 'VARCHAR', 'iot_id': 'VARCHAR', 'client_id': 'VARCHAR',
             'listed': 'INTEGER', 'flashed': 'INTEGER', 'clash': 'INTEGER', 'looked': 'BIGINT', 'activated': 'BIGINT',
             'digest': 'VARCHAR'})''')
        db.execute('''CREATE TABLE c AS SELECT * FROM read_csv('\(data.cloudCSV)', header = false, nullstr = '', columns =
            {'key': 'VARCHAR', 'iot_id': 'VARCHAR', 'state': 'VARCHAR', 'activated': 'BIGINT', 'digest': 'VARCHAR',
             'client_ids': 'VARCHAR'})''')
        loaded = time.perf_counter()
        rows = db.execute('''SELECT key, found FROM (\(classes)) AS found_rows WHERE found <> 'ok' ORDER BY key''').fetchall()
        ended = time.perf_counter()
        counts, digest = {}, hashlib.sha256()
        for key, found in rows:
            counts[found] = counts.get(found, 0) + 1
            digest.update(f"{key} {found}\\n".encode())
        print(json.dumps({"load_microseconds": int((loaded - start) * 1e6), "microseconds": int((ended - loaded) * 1e6),
            "idle_kib": idle, "peak_kib": peak(), "counts": counts, "digest": digest.hexdigest(),
            "version": duckdb.__version__}))
        """
    }
}

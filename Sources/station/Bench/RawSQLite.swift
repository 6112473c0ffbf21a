import Foundation
import GRDBSQLite
import Locking

/// The yardstick of the journal: SQLite's C interface with nothing around it, WAL and `synchronous = FULL`, one prepared
/// statement, one commit a row.
///
/// One connection behind a lock, as SQLite has one writer at a time anyway; may be used from any thread, blocks there.
final class RawSQLite: Sendable {
    /// The row the journal would write.
    struct Row: Sendable {
        let text: String
        let digest: [UInt8]
        let hash: [UInt8]
    }

    /// What SQLite said.
    struct SQLiteError: Error, CustomStringConvertible {
        let description: String
    }

    private struct Handle {
        let database: OpaquePointer
        let insert: OpaquePointer
    }

    private let handle: Locked<Handle>

    /// Makes the file with the journal's `record` table.
    init(path: String) throws {
        handle = Locked(try Self.open(path))
    }

    deinit {
        handle.withLock { handle in
            sqlite3_finalize(handle.insert)
            sqlite3_close(handle.database)
        }
    }

    /// Writes one row durably.
    func commit(_ row: Row) throws {
        try handle.withLock { handle in
            let insert = handle.insert
            sqlite3_reset(insert)
            let results = row.text.withCString { text in
                row.digest.withUnsafeBytes { digest in
                    row.hash.withUnsafeBytes { hash in
                        // The bytes outlive the step, so SQLite need not copy them (nil = SQLITE_STATIC).
                        [
                            sqlite3_bind_text(insert, 1, text, Int32(row.text.utf8.count), nil),
                            sqlite3_bind_blob(insert, 2, digest.baseAddress, Int32(digest.count), nil),
                            sqlite3_bind_blob(insert, 3, hash.baseAddress, Int32(hash.count), nil),
                            sqlite3_step(insert),
                        ]
                    }
                }
            }
            guard results == [SQLITE_OK, SQLITE_OK, SQLITE_OK, SQLITE_DONE] else {
                throw Self.error(handle.database, "insert")
            }
        }
    }

    private static func open(_ path: String) throws -> sending Handle {
        var database: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        guard sqlite3_open_v2(path, &database, flags, nil) == SQLITE_OK, let database else {
            throw SQLiteError(description: "\(path) cannot be opened")
        }
        let setUp = """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE record (seq INTEGER PRIMARY KEY, text TEXT NOT NULL, digest BLOB NOT NULL, hash BLOB NOT NULL);
            """
        var insert: OpaquePointer?
        guard sqlite3_exec(database, setUp, nil, nil, nil) == SQLITE_OK,
            try number(database, "PRAGMA synchronous") == 2,
            sqlite3_prepare_v2(
                database, "INSERT INTO record (text, digest, hash) VALUES (?, ?, ?)", -1, &insert, nil) == SQLITE_OK,
            let insert
        else {
            let failure = error(database, "set-up")
            sqlite3_close(database)
            throw failure
        }
        return Handle(database: database, insert: insert)
    }

    private static func number(_ database: OpaquePointer, _ sql: String) throws -> Int32 {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK,
            sqlite3_step(statement) == SQLITE_ROW
        else { throw error(database, sql) }
        return sqlite3_column_int(statement, 0)
    }

    private static func error(_ database: OpaquePointer, _ what: String) -> SQLiteError {
        SQLiteError(description: "\(what): \(String(cString: sqlite3_errmsg(database)))")
    }
}

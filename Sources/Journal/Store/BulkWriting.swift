import Foundation
import GRDB
import Synchronization

/// Lets thousands of writes of a simulation share one transaction.
///
/// Nothing is durable between commits, so only a journal that is made anew for a simulation works this way. A write that
/// fails takes the writes before it along; the simulation is over then.
final class BulkWriting: Sendable {
    /// Writes in one transaction.
    private static let size = 4096

    private let writes = Atomic(0)
    private let hasFailed = Atomic(false)

    static func queue(path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "simulation"
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { db in
            try db.execute(
                sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Runs one write inside the open transaction, which it begins and, once it is full, commits.
    func write<R>(_ db: Database, _ body: () throws -> R) throws -> R {
        guard !hasFailed.load(ordering: .relaxed) else {
            throw JournalError(.conflict, "the simulation's journal failed before; make it anew")
        }
        if !db.isInsideTransaction { try db.beginTransaction(.immediate) }
        do {
            let result = try body()
            if writes.wrappingAdd(1, ordering: .relaxed).newValue.isMultiple(of: Self.size) { try db.commit() }
            return result
        } catch {
            hasFailed.store(true, ordering: .relaxed)
            if db.isInsideTransaction { try db.rollback() }
            throw error
        }
    }

    /// Commits what is open.
    func finish(_ db: Database) throws {
        if db.isInsideTransaction { try db.commit() }
    }
}

extension Date {
    /// Since 1970, to the millisecond.
    var nanoseconds: UInt64 { UInt64((timeIntervalSince1970 * 1000).rounded()) * 1_000_000 }
}

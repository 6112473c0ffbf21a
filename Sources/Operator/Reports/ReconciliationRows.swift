import Journal
import NIOPosix
import Provisioning
import Reports

/// A page of a reconciliation's rows, read from its file on a thread that may block.
struct ReconciliationRows: Sendable {
    /// Rows of one page at most.
    static let most = 500

    let rows: [JSONValue]
    /// Where the next page of the class begins; nil = this is the last.
    let next: Int?

    /// Thrown to stop reading; never leaves this file.
    private struct Enough: Error {}

    /// Reads the rows of a class.
    /// - Parameters:
    ///   - after: rows of the class that are passed over.
    ///   - limit: 1 to ``most``.
    /// - Throws: ``JournalError`` where the file is gone or broken.
    static func read(
        _ number: Int64, of name: String, after: Int, limit: Int, files: ReconcileFiles
    ) async throws -> ReconciliationRows {
        try await NIOThreadPool.singleton.runIfActive {
            var (rows, passed, hasMore) = ([JSONValue](), 0, false)
            do {
                try files.forEachRow(number) { row in
                    guard row["class"].string == name else { return }
                    guard passed >= after else {
                        passed += 1
                        return
                    }
                    guard rows.count < limit else {
                        hasMore = true
                        throw Enough()
                    }
                    rows.append(row)
                }
            } catch is Enough {
                // What is further down is the next page's.
            }
            return ReconciliationRows(rows: rows, next: hasMore ? after + rows.count : nil)
        }
    }

    /// A row with what its action takes: the permission, null where hands do it; the lowest role that has it; whether two sign.
    static func json(_ row: JSONValue) -> JSONValue {
        guard var members = row.object, var action = row["action"].object,
            let key = action["key"]?.string.flatMap(ReconcileAction.Key.init)
        else { return row }
        let permission = key.permission
        action["permission"] = .init(permission?.rawValue)
        action["role"] = .init(
            permission.flatMap { needed in Role.allCases.first(where: needed.roles.contains) }?.rawValue)
        action["two"] = .bool(key == .release && row["evidence"]["clash"] != .null)
        members["action"] = .object(action)
        return .object(members)
    }
}

extension ReconcileAction.Key {
    /// Who may; nil = no command does it, hands do.
    var permission: Permission? {
        switch self {
        case .stop: .disable
        case .hold: .holdUnit
        case .release: .releaseUnit
        case .keepClientID, .clearClientIDs: .clientIDs
        case .reset: .reset
        case .reflash: .reflash
        case .scrap: .scrap
        case .baseline, .forget, .cleanUp: .changeOrder
        case .place, .unpack, .correct, .find: nil
        }
    }
}

import GRDB
public import Provisioning

/// The archive an order was closed with, as its record tells it.
public struct ArchiveRecord: Hashable, Sendable {
    public let order: String
    /// Path of its folder when it was written.
    public let folder: String
    /// 64 hexadecimal digits.
    public let manifestSHA256: String
    /// The last record in it.
    public let head: Int64

    public var json: JSONValue {
        [
            "order": .string(order), "folder": .string(folder), "manifest_sha256": .string(manifestSHA256),
            "head": .int(head),
        ]
    }
}

extension Journal {
    /// Records that an order's archive is on disk; one that is written again takes the place of the first.
    @discardableResult
    public func recordArchive(
        order: String, folder: String, manifestSHA256: String, head: Int64, key: String, actor: String
    ) async throws -> ArchiveRecord {
        let archive = ArchiveRecord(order: order, folder: folder, manifestSHA256: manifestSHA256, head: head)
        try await write { writer in
            guard case .object(var body) = archive.json else { return }
            body["key"] = .string(key)
            let seq = try writer.append(.batchArchived, actor: actor, body: .object(body))
            try writer.execute(
                "INSERT OR REPLACE INTO batch_archive (work_order, folder, manifest_sha256, head, seq) VALUES (?, ?, ?, ?, ?)",
                [order, folder, manifestSHA256, head, seq])
        }
        return archive
    }

    /// The archive of an order; nil where none was written.
    public func archive(order: String) async throws -> ArchiveRecord? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM batch_archive WHERE work_order = ?", arguments: [order]).map {
                ArchiveRecord(
                    order: $0["work_order"], folder: $0["folder"], manifestSHA256: $0["manifest_sha256"],
                    head: $0["head"])
            }
        }
    }

    /// Throws what stands in the way of an order's end: open runs, units that were cut off, names on their way.
    public func insistOnSettled(order id: String) async throws {
        try await read { db in
            guard let order = try Self.order(db, id: id) else {
                throw JournalError(.notFound, "there is no order \(id); `station order list` shows them")
            }
            try Self.insistOnSettled(db, order)
        }
    }
}

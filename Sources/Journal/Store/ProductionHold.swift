import GRDB
public import Provisioning

/// Why no board may run for any order: the journal is, or may be, older than what happened, or the station one of two copies.
/// A leader settles it.
public struct ProductionHold: Hashable, Sendable {
    public enum Cause: String, Sendable {
        /// `station restore` made this journal from a backup.
        case restored
        /// The head's witness names a place that is not on the chain: an older copy of the folder was put back.
        case behind
        /// The journal has had a witness, and it is gone.
        case witnessMissing = "witness-missing"
        /// The data folder, its path or its machine is another one: it may be a copy.
        case moved
        /// The cloud shows that another copy of this station is at work.
        case copied
    }

    public let id: Int64
    public let cause: Cause
    /// The places compared, and the claims that the witness tells.
    public let details: JSONValue

    /// The code that orders and boards are held with.
    public var code: FailureCode {
        switch cause {
        case .restored, .behind, .witnessMissing: .journalBehind
        case .moved, .copied: .stationCopied
        }
    }

    /// For people.
    public var sentence: String {
        let witness = details["witness"]["seq"].int.map { "record \($0)" } ?? "nothing"
        let head = details["head"]["seq"].int.map { "record \($0)" } ?? "no record"
        return switch cause {
        case .restored: "the journal was restored from a backup that ends at \(head)"
        case .behind: "the journal ends at \(head), its witness has seen \(witness): an older copy was put back"
        case .witnessMissing: "the journal ends at \(head), and the witness of its head is gone"
        case .moved:
            "this station is not where it was: "
                + (details["differences"].array ?? []).compactMap(\.string).joined(separator: "; ")
                + "; if it was moved, settle it with a reason; if it was copied, the other one may be at work"
        case .copied:
            (details["sentence"].string ?? "another copy of this station is at work")
                + "; find the other one and switch it off, then settle it with a reason"
        }
    }
}

extension Journal {
    /// What holds production; nil where nothing does.
    public func productionHold() async throws -> ProductionHold? { try await read { try Self.productionHold($0) } }

    static func productionHold(_ db: Database) throws -> ProductionHold? {
        try Row.fetchOne(db, sql: "SELECT * FROM production_hold WHERE settled = 0 ORDER BY id LIMIT 1").map { row in
            ProductionHold(
                id: row["id"], cause: ProductionHold.Cause(rawValue: row["cause"]) ?? .restored,
                details: try JSONValue(parsing: row["details"]))
        }
    }

    static func hold(_ writer: JournalWriter, _ cause: ProductionHold.Cause, _ details: JSONValue) throws {
        try writer.execute(
            "INSERT INTO production_hold (cause, details) VALUES (?, ?)", [cause.rawValue, details.text])
    }
}

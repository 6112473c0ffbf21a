import GRDB
import Provisioning

extension Journal {
    /// Compares the chain with the witness of its head, and the data folder with the one on record, once at each opening for
    /// writing; holds production where the journal is older, the folder another one, or the journal cannot be compared any
    /// more.
    /// - Parameters:
    ///   - path: where the witness is; nil = there is none.
    ///   - mark: the folder as it is now; nil = it is not compared.
    static func compare(witness path: String?, mark: StationMark?, _ writer: JournalWriter) throws {
        let db = writer.db
        let witness = try path.flatMap { try HeadWitness.read($0) }
        if let witness, try !isOnChain(witness, db) { try behind(writer, .behind, witness) }
        // A folder that was copied has left its witness behind as well: the place tells more.
        if let mark { try compare(mark: mark, writer) }
        let wasWitnessed = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM witnessed)") ?? false
        if path != nil, witness == nil, wasWitnessed { try behind(writer, .witnessMissing, nil) }
    }

    private static func behind(
        _ writer: JournalWriter, _ cause: ProductionHold.Cause, _ witness: HeadWitness?
    ) throws {
        // Until it is settled one hold is enough.
        guard try productionHold(writer.db) == nil else { return }
        let details: JSONValue = [
            "cause": .string(cause.rawValue), "head": try head(writer.db).map(json) ?? .null,
            "witness": witness?.json ?? .null,
        ]
        try writer.append(.journalBehind, actor: "station", body: details)
        try hold(writer, cause, details)
    }

    /// Writes the witness, unless it shows that the journal is behind it: that evidence stays until a leader has settled it.
    static func write(witness path: String, _ db: Database, settled: Bool = false) throws {
        guard let head = try head(db) else { return }
        if !settled {
            guard try productionHold(db) == nil else { return }
            if let old = try HeadWitness.read(path), try !isOnChain(old, db) { return }
        }
        let rows = try Row.fetchAll(db, sql: "SELECT id, claimed FROM work_order WHERE claimed > 0 ORDER BY id")
        let claimed = Dictionary(uniqueKeysWithValues: rows.map { ($0[0] as String, $0[1] as Int) })
        try HeadWitness(head: head, claimed: claimed).write(path)
        try db.execute(sql: "INSERT OR IGNORE INTO witnessed (id) VALUES (1)")
    }

    private static func isOnChain(_ witness: HeadWitness, _ db: Database) throws -> Bool {
        let hash = try Row.fetchOne(db, sql: "SELECT hash FROM record WHERE seq = ?", arguments: [witness.head.seq])
        return hash.map { Chain.hex($0[0] as DatabaseBytes) } == witness.head.hash
    }

    static func head(_ db: Database) throws -> JournalHead? {
        try Row.fetchOne(db, sql: "SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1").map {
            JournalHead(seq: $0[0], hash: Chain.hex($0[1] as DatabaseBytes))
        }
    }

    static func json(_ head: JournalHead) -> JSONValue { ["seq": .int(head.seq), "hash": .string(head.hash)] }
}

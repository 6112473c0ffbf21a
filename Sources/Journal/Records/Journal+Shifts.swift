import GRDB

extension Journal {
    /// The id of the shift that is open; nil = none is.
    static func openShift(_ db: Database) throws -> String? {
        try String.fetchOne(
            try db.cachedStatement(
                sql: "SELECT id FROM shift WHERE ended_seq IS NULL ORDER BY began_seq DESC LIMIT 1"))
    }
}

import GRDB
import Provisioning

extension Journal {
    /// Compares the data folder and its machine with those that the journal has seen last, once at each opening for writing;
    /// holds production where they are others: the folder may be a copy of one that is at work elsewhere.
    static func compare(mark: StationMark, _ writer: JournalWriter) throws {
        guard let old = try Self.mark(writer.db) else { return try put(mark, writer) }
        // Until it is settled one hold is enough.
        guard old != mark, try productionHold(writer.db) == nil else { return }
        let details: JSONValue = [
            "cause": .string(ProductionHold.Cause.moved.rawValue), "was": old.json, "is": mark.json,
            "differences": .array(mark.differences(from: old).map(JSONValue.string)),
            "head": try head(writer.db).map(json) ?? .null,
        ]
        try writer.append(.stationMoved, actor: "station", body: details)
        try hold(writer, .moved, details)
    }

    /// Takes the folder and the machine for the station's own from now on.
    static func put(_ mark: StationMark, _ writer: JournalWriter) throws {
        guard try Self.mark(writer.db) != mark else { return }
        try writer.append(.stationMarked, actor: "station", body: mark.json)
        try writer.execute(
            "INSERT INTO station_mark (id, mark) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET mark = ?1",
            [mark.json.text])
    }

    private static func mark(_ db: Database) throws -> StationMark? {
        let text = try String.fetchOne(db, sql: "SELECT mark FROM station_mark")
        return try text.flatMap { StationMark(try JSONValue(parsing: $0)) }
    }

    /// What this station has last left at a product's probe name in the cloud.
    public func copyTag(productKey: String) async throws -> CopyTag? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM copy_tag WHERE product_key = ?", arguments: [productKey]).map {
                CopyTag(counter: $0["counter"], value: $0["value"], adopts: $0["adopts"])
            }
        }
    }

    /// Whether a tag found at a product's probe name is one that this station has left, or taken for its own, at any time.
    public func hasLeft(copyTag value: String, productKey: String) async throws -> Bool {
        try await read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM copy_tag_left WHERE product_key = ? AND value = ?)",
                arguments: [productKey, value]) ?? false
        }
    }

    /// Puts on record what is about to be left at a product's probe name, before it is.
    /// - Parameter found: what stands there until then, and still does where the new tag is lost on its way.
    public func recordCopyTag(
        _ tag: CopyTag, over found: String?, productKey: String, actor: String
    ) async throws {
        try await write { writer in
            try writer.append(
                .copyTagged, actor: actor,
                body: [
                    "product_key": .string(productKey), "counter": .int(tag.counter), "value": .string(tag.value),
                ])
            try writer.execute(
                """
                INSERT INTO copy_tag (product_key, counter, value, adopts) VALUES (?1, ?2, ?3, 0)
                ON CONFLICT (product_key) DO UPDATE SET counter = ?2, value = ?3, adopts = 0
                """, [productKey, tag.counter, tag.value])
            for value in [tag.value, found].compactMap(\.self) {
                try writer.execute(
                    "INSERT OR IGNORE INTO copy_tag_left (product_key, value) VALUES (?, ?)", [productKey, value])
            }
        }
    }

    /// Takes whatever tags stand in the cloud for this station's own, once: a person has settled what held production.
    static func adoptCopyTags(_ writer: JournalWriter) throws {
        try writer.execute(
            """
            INSERT INTO copy_tag (product_key, counter, value, adopts)
            SELECT DISTINCT product_key, 0, '', 1 FROM work_order WHERE true
            ON CONFLICT (product_key) DO UPDATE SET adopts = 1
            """, [])
    }

    /// Holds production: the cloud shows that another copy of this station is at work.
    public func holdForCopy(
        productKey: String, sentence: String, found: String, expected: CopyTag?, actor: String
    ) async throws {
        try await write { writer in
            guard try Self.productionHold(writer.db) == nil else { return }
            let details: JSONValue = [
                "cause": .string(ProductionHold.Cause.copied.rawValue), "product_key": .string(productKey),
                "sentence": .string(sentence), "found": .string(found), "expected": .init(expected?.value),
                "head": try Self.head(writer.db).map(Self.json) ?? .null,
            ]
            try writer.append(.stationCopied, actor: actor, body: details)
            try Self.hold(writer, .copied, details)
        }
    }
}

/// What a station leaves in the cloud so that a second copy of itself shows.
public struct CopyTag: Hashable, Sendable {
    /// Goes up by one with each tag.
    public let counter: Int64
    public let value: String
    /// Whether any tag is taken, once: a person has settled what held production.
    public let adopts: Bool

    public init(counter: Int64, value: String, adopts: Bool = false) {
        (self.counter, self.value, self.adopts) = (counter, value, adopts)
    }
}

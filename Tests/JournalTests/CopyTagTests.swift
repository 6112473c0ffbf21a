import Foundation
import GRDB
import Testing

@testable import Journal

@Suite("Tags against copies of the station")
struct CopyTagTests {
    @Test("every tag that was left is known, also those of a journal that kept the last two alone")
    func migration() throws {
        let queue = try DatabaseQueue()
        try Schema.migrator.migrate(queue, upTo: "13 place of the station, tags against copies")
        try queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO copy_tag (product_key, counter, value, previous, adopts)
                    VALUES ('a', 3, '3.x', '2.x', 0), ('b', 0, '', NULL, 1), ('c', 1, '1.x', '1.x', 0)
                    """)
        }
        try Schema.migrator.migrate(queue)
        let left = try queue.read { try String.fetchAll($0, sql: "SELECT product_key || value FROM copy_tag_left") }
        #expect(left.sorted() == ["a2.x", "a3.x", "c1.x"])
    }

    @Test("a tag stays known when others follow, of its product alone; what it was written over is taken over with it")
    func kept() async throws {
        let bed = try await Bed()
        for counter in 1...4 {
            try await bed.journal.recordCopyTag(
                CopyTag(counter: Int64(counter), value: "\(counter).x"), over: counter == 1 ? "0.other" : nil,
                productKey: "a", actor: "test")
        }
        for value in ["0.other", "1.x", "2.x", "4.x"] {
            #expect(try await bed.journal.hasLeft(copyTag: value, productKey: "a"))
            #expect(try await !bed.journal.hasLeft(copyTag: value, productKey: "b"))
        }
        #expect(try await !bed.journal.hasLeft(copyTag: "5.x", productKey: "a"))
        #expect(try await bed.journal.copyTag(productKey: "a") == CopyTag(counter: 4, value: "4.x"))
    }
}

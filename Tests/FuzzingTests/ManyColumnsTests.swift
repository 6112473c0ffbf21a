import Foundation
import Fuzzing
import Provisioning
import Testing

@testable import Execution

/// What grows with the square of its input is found by long inputs alone, which mutations are too short for.
@Suite("Long lists", .timeLimit(.minutes(3)))
struct ManyColumnsTests {
    @Test("a header of forty thousand columns is refused column by column, in time that grows with it")
    func header() {
        let text = (0..<40_000).map { "c\($0)" }.joined(separator: ",") + "\n"
        let read = OrderImport(text, profiles: [:])
        #expect(read.problems.count >= 40_000 && read.orders.isEmpty)
    }
}

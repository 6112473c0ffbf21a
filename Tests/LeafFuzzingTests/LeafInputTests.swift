import Foundation
import Fuzzing
import Testing

/// Where leaf targets read bytes of strangers: seeds, then mutations of them, the same ones in each run of the tests.
@Suite("Bytes of strangers at the leaves")
struct LeafInputTests {
    @Test(
        "are read, or refused with a sentence: no trap, nothing read twice differently, no input that takes long",
        arguments: FuzzTarget.leaf)
    func hostile(_ target: FuzzTarget) throws {
        let tally = try FuzzRun.inTests(target)
        #expect(tally.seeds > 0 && tally.mutations >= target.count)
    }

    @Test("a broken property is found, and told with its input")
    func harness() throws {
        let broken = FuzzTarget("broken", seeds: [[1, 2, 3]]) { bytes in
            try insist(!bytes.contains(0x80), "there is an 80h")
        }
        let run = FuzzRun(
            seed: 1, count: 5000, fixtures: FileManager.default.temporaryDirectory, scratch: FuzzRun.scratchFolder)
        let finding = #expect(throws: FuzzRun.Finding.self) { try run.run(broken) }
        #expect(finding?.description.contains("there is an 80h; input ") == true)
    }

    @Test("a decoder that depends on how its bytes are cut is found")
    func portions() {
        #expect(throws: Broken.self) { try Portions.check([1, 2, 3]) { $0.map(\.count) } }
    }
}

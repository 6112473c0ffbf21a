import Fuzzing
import Testing

/// Where the targets above the leaves read bytes of strangers.
@Suite("Bytes of strangers above the leaves")
struct HostileInputTests {
    @Test(
        "are read, or refused with a sentence: no trap, nothing read twice differently, no input that takes long",
        arguments: FuzzTarget.above)
    func hostile(_ target: FuzzTarget) throws {
        let tally = try FuzzRun.inTests(target)
        #expect(tally.seeds > 0 && tally.mutations >= target.count)
    }

    @Test("every target has a name of its own, under which its seeds lie")
    func names() {
        let names = (FuzzTarget.leaf + FuzzTarget.above).map(\.name)
        #expect(Set(names).count == names.count)
    }
}

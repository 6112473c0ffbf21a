import Journal
import Provisioning
import Reports
import Testing

@Suite("The merge join finds every planted difference and invents none")
struct ReconciliationTests {
    /// Batches of random sizes, so that names that belong together lie on both sides of a border.
    struct Batches<Element: Sendable>: AsyncSequence, Sendable {
        let batches: [[Element]]

        init(_ all: [Element], _ random: inout SeededRandom) {
            var (rest, batches) = (all[...], [[Element]]())
            while !rest.isEmpty {
                let size = Int.random(in: 0...7, using: &random)
                batches.append(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            self.batches = batches
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: batches[...]) }

        struct AsyncIterator: AsyncIteratorProtocol, Sendable {
            var rest: ArraySlice<[Element]>
            mutating func next() async throws -> [Element]? { rest.popFirst() }
        }
    }

    struct SeededRandom: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    @Test("random plants of every kind, in batches of random sizes", arguments: 1...40)
    func plants(_ seed: Int) async throws {
        var random = SeededRandom(state: UInt64(seed))
        var floor = PlantedFloor()
        for number in 0..<Int.random(in: 1...400, using: &random) {
            let kind =
                Bool.random(using: &random) ? Plant.agrees : Plant.allCases.randomElement(using: &random) ?? .agrees
            floor.add(kind, number: number)
        }
        let sorted = floor.sorted
        var found: [String: String] = [:]
        try await Reconciliation(rule: PlantedFloor.rule).run(
            journal: Batches(sorted.journal, &random), cloud: Batches(sorted.cloud, &random),
            packed: Batches(sorted.packed, &random)
        ) { match in
            #expect(found.updateValue(match.first.name, forKey: match.key) == nil, "\(match.key) came twice")
        }
        #expect(found == floor.expected)
    }

    @Test("devices whose names differ by case alone are one name, also across batches")
    func twins() async throws {
        let journal = JournalName(
            key: "abcd", name: "ABCD", unit: 1, order: "WO-0001", state: .passed, iotID: "i", isFlashed: true)
        let cloud = [
            CloudName(key: "abcd", name: "ABCD", iotID: "i", state: .online),
            CloudName(key: "abcd", name: "abcd", iotID: "j", state: .unactive),
        ]
        for border in 0...2 {
            var matches: [ReconcileMatch] = []
            try await Reconciliation(rule: PlantedFloor.rule).run(
                journal: Fixed([[journal]]), cloud: Fixed([Array(cloud[..<border]), Array(cloud[border...])]),
                packed: Fixed<PackedName>([[PackedName(key: "abcd", lines: [1])]])
            ) { matches.append($0) }
            #expect(matches.count == 1 && matches.first?.first == .oneNameTwoBoards)
            #expect(matches.first?.cloud?.iotID == "i" && matches.first?.twins.map(\.iotID) == ["j"])
        }
    }

    @Test("a sequence out of order is refused")
    func disorder() async throws {
        await #expect(throws: Reconciliation.OrderError.self) {
            try await Reconciliation(rule: PlantedFloor.rule).run(
                journal: Fixed<JournalName>([]), cloud: Fixed([[CloudName(key: "b"), CloudName(key: "a")]]),
                packed: Fixed<PackedName>([])
            ) { _ in }
        }
    }

    struct Fixed<Element: Sendable>: AsyncSequence, Sendable {
        let batches: [[Element]]
        init(_ batches: [[Element]]) { self.batches = batches }
        func makeAsyncIterator() -> Batches<Element>.AsyncIterator { .init(rest: batches[...]) }
    }
}

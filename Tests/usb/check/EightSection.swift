/// Eight boards at once, in rounds that differ in the pair that changes places.
struct EightSection {
    let bed: CheckBed

    init(_ bed: CheckBed) { self.bed = bed }

    func run() async throws {
        // Two DfuSe boards told apart by their UIDs, two DFU 1.1 boards by their serial numbers, one of each.
        for (index, pair) in [(0, 2), (1, 3), (0, 1), (4, 6)].enumerated() {
            try await EightRound(bed, bus: index + 1, pair: pair).run()
        }
    }
}

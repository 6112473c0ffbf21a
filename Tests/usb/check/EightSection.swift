/// Eight boards at once, in rounds that differ in the pair that changes places.
struct EightSection {
    let bed: CheckBed

    init(_ bed: CheckBed) { self.bed = bed }

    func run() async throws {
        // Two DfuSe boards told apart by their UIDs, two DFU 1.1 boards by their serial numbers, one of each.
        let pairs = [((0, 2), 0), ((1, 3), 0), ((0, 1), 0), ((4, 6), 1), ((5, 7), 1)]
        for (index, (pair, renames)) in pairs.enumerated() {
            try await EightRound(bed, bus: index + 1, pair: pair, renamesOfPair: renames).run()
        }
    }
}

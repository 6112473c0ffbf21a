/// What can be checked. One section a process: each expects a bus without boards.
enum Section: String, CaseIterable {
    case dialects, unplug, moves, eight, errors, power

    func run(_ bed: CheckBed) async throws {
        switch self {
        case .dialects: try await DialectsSection(bed).run()
        case .unplug: try await UnplugSection(bed).run()
        case .moves: try await MovesSection(bed).run()
        case .eight: try await EightSection(bed).run()
        case .errors: try await ErrorsSection(bed).run()
        case .power: try await PowerSection(bed).run()
        }
    }
}

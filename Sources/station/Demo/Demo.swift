import Execution
import Foundation
import Journal
import Locking
import Logging
import Provisioning
import Simulation

/// One demonstration: a cloud, a fixture full of boards, and the same station that `serve` runs.
struct Demo: Sendable {
    /// The boards that are placed, one after the other, on slots of their kind.
    let boards: [DemoBoard]
    let slots: Int
    /// The kinds of boards; slots and boards take them in turn.
    let profiles: [BoardProfile]
    let channel: String
    let mode: RegistrationMode
    let activation: ActivationMode
    let instance: DemoInstance
    let faults: [DemoFault]
    /// Whether the orders ask for a first article, which the demo confirms by itself.
    let firstArticle: Bool
    let seed: UInt64
    let paced: Int?
    let folder: DemoFolder
    /// Where the board profiles lie.
    let home: StationHome
    let output: FileHandle
    /// Told of each board when it has been taken off its slot for good.
    var onTaken: @Sendable (DemoBoard) async throws -> Void = { _ in }

    /// A line for them, with secrets of its own.
    private func makeLine() -> SimulatedLine {
        SimulatedLine(
            name: "demo", folder: folder, home: home, profiles: profiles, slots: slots, instance: instance,
            isSwitchOn: !faults.contains { if case .switchOff = $0 { true } else { false } },
            // Boards of an order whose switch stays off need not be waited for long; any other trouble is waited out.
            holdAfter: .seconds(faults.contains(.switchOff(seconds: nil)) ? 10 : 600))
    }

    /// Runs it to its report.
    func run() async throws -> DemoReport {
        let started = ContinuousClock.now
        let line = makeLine()
        try line.prepare()
        return try await line.cloud().run {
            try writePlan(line)
            return try await line.fixture.run { try await station(line, started) }
        }
    }

    /// Runs the station over all boards.
    private func station(
        _ line: SimulatedLine, _ started: ContinuousClock.Instant
    ) async throws -> DemoReport {
        let ready = try ReadyFile.read(from: folder.cloudReady)
        let fixture = try FixtureAddresses.read(from: folder.fixtureReady)
        var hands: [String: FixtureClient] = [:]
        for slot in fixture.slots { hands[slot.name] = try FixtureClient(slot.control) }
        let places = zip(fixture.slots.indices, fixture.slots).map { ($1.name, line.profile(ofSlot: $0).name) }
        let floor = DemoFloor(
            boards: boards,
            intruders: Dictionary(uniqueKeysWithValues: zip(fixture.slots.map(\.name), intruders.map(\.id))),
            fixtures: hands, profiles: Dictionary(uniqueKeysWithValues: places), onTaken: onTaken)
        var adjustments = StationComposition.Adjustments(probeInterval: .seconds(2))
        if boards.contains(where: { $0.fault != nil }) {
            adjustments.beforeStep = { slot, step in await floor.beforeStep(slot, step) }
        }
        let station = try line.station(ready, fixture, level: .error, adjustments: adjustments)
        var orders: [String] = []
        for profile in profiles {
            let quota = boards.count { $0.profile.name == profile.name }
            guard quota > 0 else { continue }
            orders.append(
                try await line.openOrder(
                    on: station, profile, quota: quota, mode: mode, activation: activation,
                    firstArticle: firstArticle, by: "demo"))
        }
        let printer = LinePrinter(output: output, slots: fixture.slots.map(\.name))
        let events = station.line.events.watch()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await station.run()
                return false
            }
            group.addTask {
                await printer.follow(events)
                return false
            }
            if firstArticle {
                let events = station.line.events.watch(.unbounded)
                group.addTask {
                    try await confirmFirstArticles(station, events)
                    return false
                }
            }
            group.addTask {
                do { try await troubleTheCloud(ready, line.credentials.productKey) } catch is CancellationError {
                    // The boards were done before the trouble began.
                }
                return false
            }
            group.addTask {
                try await withThrowingTaskGroup(of: Void.self) { hands in
                    for slot in fixture.slots {
                        let events = station.line.events.watch(.unbounded)
                        hands.addTask { try await floor.serve(slot: slot.name, events: events) }
                    }
                    try await hands.waitForAll()
                }
                return true
            }
            // The hands are done: the station stops, and its events end.
            while let isDone = try await group.next() { if isDone { group.cancelAll() } }
        }
        var runs: [RunRecord] = []
        for order in orders { runs += try await station.journal.runs(order: order) }
        let report = DemoReport(
            orders: orders, runs: runs, passages: await floor.passages,
            boards: boards, activation: activation, faults: faults, duration: .now - started,
            tally: try await tally(station, orders, ready))
        try report.writeLog(to: folder.station + "/logs")
        try await writeExport(station.journal)
        return report
    }

    /// Plays the leader who looks at each order's first board.
    private func confirmFirstArticles(_ station: StationComposition, _ events: AsyncStream<LineEvent>) async throws {
        for await case .order(let order) in events where order.firstArticle == .passed {
            _ = try await StationCommand.confirmFirstArticle(order: order.id, reason: "demo").perform(
                station.context(actor: "demo"))
        }
    }

    private func troubleTheCloud(_ ready: ReadyFile, _ productKey: String) async throws {
        for fault in faults {
            switch fault {
            case .cloudDown(let seconds):
                // Late enough for the first boards to be under way.
                try await Task.sleep(for: .seconds(2))
                try await CloudAdmin(ready).set(FaultSettings(outageSeconds: Double(seconds)))
            case .switchOff(let seconds?):
                try await Task.sleep(for: .seconds(seconds))
                try await CloudAdmin(ready).turnSwitch(product: productKey, on: true)
            default: continue
            }
        }
    }

    // MARK: - Files

    /// Boards that belong to nobody, one for each slot: for the fault that swaps boards.
    var intruders: [DemoBoard] {
        (1...slots).map {
            DemoBoard.intruder(id: boards.count + $0, profile: profiles[($0 - 1) % profiles.count], seed: seed)
        }
    }

    /// The flash of a board of this demo.
    func flash(of board: DemoBoard.ID) -> String {
        let (number, width) = (String(board), String(boards.count + slots).count)
        return folder.boards + "/board-" + String(repeating: "0", count: max(0, width - number.count)) + number
            + ".flash"
    }

    private func writePlan(_ line: SimulatedLine) throws {
        try line.writePlan(
            boards: (boards + intruders).map { try $0.planned(flash: flash(of: $0.id)) }, cloud: folder.cloudReady,
            options: [
                "channel": .string(channel), "pace": .init(paced), "registration": .string(mode.rawValue),
                "network": .bool(activation != .relay),
            ])
    }
}

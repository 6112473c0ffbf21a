import Execution
import Foundation
import Journal
import Locking
import Logging
import Operator
import Provisioning
import Simulation

/// A line that works for a long time: station and page in this process, cloud, boards and readers in others.
struct SoakLine: Sendable {
    let minutes: Int
    /// Told of each minute.
    let tell: @Sendable (SoakSample) -> Void

    private let profile: BoardProfile
    private let line: SimulatedLine
    private let restarts: SoakRestarts
    /// More than the slots ever take.
    private var boards: Int { minutes * 60 * line.slots }
    private var folder: DemoFolder { line.folder }

    init(
        folder: DemoFolder, home: StationHome, slots: Int, minutes: Int, restart: Duration,
        tell: @escaping @Sendable (SoakSample) -> Void
    ) throws {
        (self.minutes, self.tell) = (minutes, tell)
        profile = try home.profile(named: "esp32c3")
        line = SimulatedLine(name: "soak", folder: folder, home: home, profiles: [profile], slots: slots)
        restarts = SoakRestarts(span: restart)
    }

    /// Runs it to its end and compares journal and cloud.
    func run() async throws -> SoakReport.Found {
        try line.prepare()
        // The first start finds the ports that all later ones use.
        let ready = try await line.cloud().run { try ReadyFile.read(from: folder.cloudReady) }
        try ready.write(to: cloudPlace)
        try writePlan()
        let fixture = try await line.fixture.run { try FixtureAddresses.read(from: folder.fixtureReady) }
        let hands = try fixture.slots.map { (slot: $0.name, fixture: try FixtureClient($0.control)) }
        try writePlan(ports: hands.map(\.fixture.port))
        let (addresses, announce) = AsyncStream.makeStream(of: String.self)
        let page = StationComposition.Page(
            configuration: OperatorConfiguration(port: 0),
            tell: { if $0.hasPrefix("page: ") { announce.yield(String($0.dropFirst(6))) } })
        let station = try line.station(ready, fixture, level: .critical, page: page)
        let order = try await line.openOrder(on: station, profile, quota: boards, by: "bench")
        let cloud = line.cloud(at: ready)
        var found = try await work(station, cloud, hands, addresses)
        let devices = try await cloud.run { try await CloudAdmin(ReadyFile.read(from: folder.cloudReady)).devices() }
        found.troubles += try await SoakAudit(
            journal: station.journal, order: order, devices: devices,
            // The boards were started anew at every second restart.
            lost: line.slots * (restarts.count.withLock { $0 } / 2 + 1)
        ).troubles()
        return found
    }

    private func work(
        _ station: StationComposition, _ cloud: Companion, _ hands: [(slot: String, fixture: FixtureClient)],
        _ addresses: AsyncStream<String>
    ) async throws -> SoakReport.Found {
        let tray = SoakTray(boards: boards, flash: flash)
        let meter = SoakMeter(folder: folder.station, restarts: restarts.count)
        let watched = station.line.events.watch(.unbounded)
        let perSlot = hands.map { ($0.slot, $0.fixture, station.line.events.watch(.unbounded)) }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            func endless(_ body: @escaping @Sendable () async throws -> Void) {
                group.addTask {
                    do { try await body() } catch is CancellationError {
                        // The time is over.
                    }
                    return false
                }
            }
            endless { try await restarts.keep(cloud, inTurn: 0) }
            endless { try await restarts.keep(line.fixture, inTurn: 1) }
            endless { try await station.run() }
            endless { await meter.follow(watched) }
            endless { try await meter.append(to: station.journal) }
            endless {
                guard let address = await addresses.first(where: { _ in true }) else { return }
                try await readers(address).run { try await Task.sleep(for: .seconds(60) * (minutes + 1)) }
            }
            for (slot, fixture, events) in perSlot {
                endless { try await tray.serve(slot: slot, fixture: fixture, events: events) }
            }
            group.addTask {
                for minute in 1...minutes {
                    try await Task.sleep(for: .seconds(60))
                    tell(meter.sample(minute))
                }
                return true
            }
            while let isDone = try await group.next() { if isDone { group.cancelAll() } }
        }
        var found = meter.found
        found.boards = tray.placed
        return found
    }

    private func readers(_ address: String) -> Companion {
        Companion(
            arguments: ["bench", "page-reader", address, "--count", "2", "--ready-file", folder.root + "/readers"],
            input: "", logFile: folder.root + "/readers.log", readyFile: folder.root + "/readers")
    }

    // MARK: - Boards

    /// Where the boards read where the cloud is: it is there while the stand-in is started anew.
    private var cloudPlace: String { folder.boards + "/cloud.json" }

    private func flash(_ board: Int) -> String { folder.boards + "/\(board).flash" }

    private func writePlan(ports: [Int] = []) throws {
        let family = try SimulatedFamily(of: profile).rawValue
        let boards = (1...boards).map { number in
            let low = String(number * 4, radix: 16, uppercase: true)
            return [
                "id": .init(number),
                "mac": .string("6055F9" + String(repeating: "0", count: max(0, 6 - low.count)) + low),
                "flash": .string(flash(number)), "family": .string(family),
            ] as JSONValue
        }
        try line.writePlan(boards: boards, cloud: cloudPlace, ports: ports)
    }
}

import ArgumentParser
import Execution
import Foundation
import Journal
import Logging
import Operator
import Provisioning
import Vault

/// `station bench page`: what the operator's page takes of a core while every slot is at work.
struct BenchPage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "page",
        abstract: "Serves the operator's page of a full line and tells what it takes of a core.",
        discussion: """
            The real server over a journal of its own; each slot tells its progress --rate times a second and changes its \
            word every ten seconds. Readers of the event stream are a second process. The goal: under 15 % of one core \
            with 32 slots at 10 Hz. The address is printed: a browser opened there is one more reader, whose tab can be \
            watched meanwhile.

            Examples:
              station bench page
              station bench page --readers 0 --seconds 600
            """)

    @Option(help: "Slots, 1 to 32.") var slots = 32
    @Option(help: "How often each slot tells its progress, 1 to 100 times a second.") var rate = 10
    @Option(help: "Readers of the event stream, 0 to 64.") var readers = 4
    @Option(help: "How long it is measured, 5 to 3600 seconds.") var seconds = 20
    @Option(help: "The port; 0 = one that is free.") var port = 0
    @Option(help: ArgumentHelp("Folder with the page.", valueName: "dir")) var home: String?
    @OptionGroup var options: BenchOptions

    /// The most of a core that it may take, in thousandths.
    static let goal = 150

    func validate() throws {
        for (name, value, range) in [
            ("slots", slots, 1...32), ("rate", rate, 1...100), ("readers", readers, 0...64),
            ("seconds", seconds, 5...3600), ("port", port, 0...65535),
        ] where !range.contains(value) {
            throw ValidationError("--\(name) \(value): expected \(range.lowerBound) to \(range.upperBound)")
        }
    }

    func run() async throws {
        let machine = BenchMachine.read()
        let home = try StationHome.locate(explicit: home)
        let found = try await options.withFolder { folder in try await measure(folder, home) }
        options.finish(report(machine, found))
    }

    private struct Found: Sendable {
        let share: Double?
        let memoryBefore: Int?
        let memoryAfter: Int?
        let events: Int
    }

    private func measure(_ folder: String, _ home: StationHome) async throws -> Found {
        let (journal, events) = (try Journal(folder: folder), LineEvents())
        try await makeOrder(journal)
        let (addresses, announce) = AsyncStream.makeStream(of: String.self)
        let names = (1...slots).map(String.init)
        let server = try OperatorServer(
            configuration: OperatorConfiguration(port: port),
            station: StationFacts(
                id: "BENCH", version: Station.version, slots: names.map { ($0, "esp32c3") }, language: .zh),
            homeFolder: home.folder, journal: journal, vault: try Vault.open(dataFolder: folder), events: events,
            profiles: [:], perform: { _, _ in .null }, ask: { _, _ in nil },
            logger: Logger(label: "bench.page"), onListening: { announce.yield($0) })
        return try await withThrowingTaskGroup(of: Found?.self) { group in
            group.addTask {
                defer { announce.finish() }
                try await server.run()
                return nil
            }
            group.addTask {
                await play(names, events)
                return nil
            }
            guard let address = await addresses.first(where: { _ in true }) else {
                throw ValidationError("the page could not be served")
            }
            options.progress("page: \(address)")
            group.addTask { try await watch(address, folder) }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            throw ValidationError("the page ended")
        }
    }

    /// Measures, with the readers' process beside where there is one.
    private func watch(_ address: String, _ folder: String) async throws -> Found {
        let own = ProcessInfo.processInfo.processIdentifier
        @Sendable func take() async throws -> Found {
            // The first seconds are the readers' snapshots.
            try await Task.sleep(for: .seconds(2))
            let (load, before) = (PhaseLoad([ProcessTime(id: own)]), ProcessMemory(id: own).resident)
            try await Task.sleep(for: .seconds(seconds))
            return Found(
                share: load.shares().first ?? nil, memoryBefore: before, memoryAfter: ProcessMemory(id: own).resident,
                events: slots * rate * seconds)
        }
        guard readers > 0 else { return try await take() }
        return try await Companion(
            arguments: [
                "bench", "page-reader", address, "--count", String(readers), "--ready-file", folder + "/ready",
            ],
            input: "", logFile: folder + "/readers.log", readyFile: folder + "/ready"
        ).run { try await take() }
    }

    /// Every slot at work: progress at the rate, another word every ten seconds.
    private func play(_ names: [String], _ events: LineEvents) async {
        let clock = ContinuousClock()
        var (tick, next) = (0, clock.now)
        while !Task.isCancelled {
            for (index, name) in names.enumerated() {
                var status = SlotStatus(slot: name)
                let phase = (tick + index * 7) % (10 * rate)
                (status.word, status.run, status.step) = (.busy, Int64(1 + tick / (10 * rate)), .flash)
                status.identity = "6055F90000" + (index < 16 ? "0" : "") + String(index, radix: 16, uppercase: true)
                (status.deviceName, status.order) = (status.identity, "WO-0001")
                status.progress = .init(done: phase * 4096, total: 10 * rate * 4096)
                if phase > 9 * rate { (status.word, status.step, status.progress) = (.pass, .conclude, nil) }
                events.send(.slot(status))
            }
            tick += 1
            next += .seconds(1) / rate
            try? await clock.sleep(until: next)
        }
    }

    private func makeOrder(_ journal: Journal) async throws {
        try await journal.addRelease(
            Release(profile: "esp32c3", version: "1.0.0", images: [], sha256: "00"), actor: "bench")
        let draft = try await journal.createOrder(
            WorkOrder.Terms(productKey: "bench", release: "1.0.0", profile: "esp32c3", quota: 1000), actor: "bench")
        try await journal.changeOrder(draft.id, to: .open, reason: "bench", actor: "bench")
    }

    private func report(_ machine: BenchMachine, _ found: Found) -> BenchReport {
        let permille = found.share.map { Int(($0 * 1000).rounded()) }
        let share = permille.map { "\($0 / 10).\($0 % 10) % of one core" } ?? "not read"
        let memory = (found.memoryBefore, found.memoryAfter)
        return BenchReport(
            name: "page", machine: machine,
            method: [
                "\(slots) slots at \(rate) Hz each, \(readers) readers in another process, \(seconds) s;",
                "the figure is this whole process: line, journal and page",
            ],
            figures: [
                "page      \(share) (goal: under \(Self.goal / 10) %)",
                "memory    \(memory.0.map(String.init) ?? "?") KiB before, \(memory.1.map(String.init) ?? "?") KiB after",
            ],
            values: [
                "slots": .init(slots), "rate": .init(rate), "readers": .init(readers), "seconds": .init(seconds),
                "events": .init(found.events), "share_permille": .init(permille), "goal_permille": .init(Self.goal),
                "memory_before_kib": .init(memory.0), "memory_after_kib": .init(memory.1),
            ])
    }
}

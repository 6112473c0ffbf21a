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
    let folder: DemoFolder
    let home: StationHome
    let slots: Int
    let minutes: Int
    let restart: Duration
    /// Told of each minute.
    let tell: @Sendable (SoakSample) -> Void

    private static let profile = "esp32c3"
    private static let version = "1.0.0"
    /// More than a slot ever takes.
    private var boards: Int { minutes * 60 * slots }
    private let credentials = DemoCredentials()
    private let restarts = Locked(0)

    init(
        folder: DemoFolder, home: StationHome, slots: Int, minutes: Int, restart: Duration,
        tell: @escaping @Sendable (SoakSample) -> Void
    ) {
        (self.folder, self.home, self.slots, self.minutes) = (folder, home, slots, minutes)
        (self.restart, self.tell) = (restart, tell)
    }

    /// Runs it to its end and compares journal and cloud.
    func run() async throws -> SoakReport.Found {
        try credentials.seal(in: folder)
        let profile = try home.profile(named: Self.profile)
        for (file, bytes) in try SimulatedFamily(of: profile).images(version: Self.version) {
            try Data(bytes).write(to: URL(fileURLWithPath: folder.firmware + "/" + file))
        }
        // The first start finds the ports that all later ones use.
        let first = credentials.cloudConfiguration(folder: folder, faults: [], instance: .public)
        let ready = try await cloud(first).run { try ReadyFile.read(from: folder.cloudReady) }
        try ready.write(to: cloudPlace)
        try plan(ports: Array(repeating: nil, count: slots)).write(
            toFile: folder.plan, atomically: true, encoding: .utf8)
        let places = try await fixture.run { try FixtureAddresses.read(from: folder.fixtureReady) }
        let ports = try places.slots.map { try FixtureClient($0.control).port }
        try plan(ports: ports).write(toFile: folder.plan, atomically: true, encoding: .utf8)
        try configuration(ready, places).write(toFile: folder.configuration, atomically: true, encoding: .utf8)
        return try await work(
            cloud: fixed(first, ready), hands: places.slots.map { ($0.name, try FixtureClient($0.control)) }, profile)
    }

    private func work(
        cloud configuration: String, hands: [(slot: String, fixture: FixtureClient)], _ profile: BoardProfile
    ) async throws -> SoakReport.Found {
        var logger = Logger(label: "station", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .critical
        let (addresses, announce) = AsyncStream.makeStream(of: String.self)
        let station = try StationComposition(
            configuration: StationConfiguration.load(folder.configuration), profiles: [profile.name: profile],
            logger: logger,
            page: StationComposition.Page(
                configuration: OperatorConfiguration(port: 0), home: home,
                tell: { if $0.hasPrefix("page: ") { announce.yield(String($0.dropFirst(6))) } }))
        let order = try await makeOrder(station)
        let tray = SoakTray(boards: boards, flash: flash)
        let meter = SoakMeter(folder: folder.station, restarts: restarts)
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
            // Stand-in and boards take turns at being started anew.
            endless { try await again(cloud(configuration), after: .zero) }
            endless { try await again(fixture, after: restart) }
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
        let devices = try await cloud(configuration).run {
            try await CloudAdmin(ReadyFile.read(from: folder.cloudReady)).devices()
        }
        try await compare(station, order, devices, &found)
        return found
    }

    // MARK: - Afterwards

    /// Codes of boards that went away, as all do when the boards' process is ended.
    private static let lost: Set<FailureCode> = [
        .noResponse, .removedAtIdentify, .loaderLost, .removedAtFlash, .removedAtVerify, .removedAtBoot,
        .removedAtActivate,
    ]

    /// The journal with itself and with the cloud: every claim a unit, every pass active there, no device beside the units,
    /// no failure but of boards that went away with their process.
    private func compare(
        _ station: StationComposition, _ order: String, _ devices: [ListedDevice], _ found: inout SoakReport.Found
    ) async throws {
        let verified = try await station.journal.verify()
        if let bad = verified.firstBad { found.troubles.append("journal: record \(bad.seq): \(bad.reason)") }
        let units = try await station.journal.units(order: order)
        let claimed = try await station.journal.order(order)?.claimed ?? 0
        if units.count != claimed { found.troubles.append("\(claimed) claims, \(units.count) units") }
        let active = Set(devices.filter { $0.activated != nil }.map(\.deviceName))
        if Set(devices.map(\.deviceName)).count != devices.count { found.troubles.append("one name has two devices") }
        for unit in units where unit.state == .passed && !active.contains(unit.deviceName.text) {
            found.troubles.append("\(unit.deviceName) passed and is not active")
        }
        for name in active.subtracting(units.map(\.deviceName.text)) {
            found.troubles.append("\(name) is active and no unit")
        }
        let failed = try await station.journal.runs(order: order).filter { $0.outcome == .fail }
        let lost = Set(Self.lost.map(\.text))
        for run in failed where !lost.contains(run.failureCode ?? "") {
            found.troubles.append("run \(run.id): fail \(run.failureCode ?? "")")
        }
        // The boards were started anew at every second restart.
        let limit = slots * (restarts.withLock { $0 } / 2 + 1)
        if failed.count > limit { found.troubles.append("\(failed.count) failures, \(limit) boards were lost at most") }
    }

    // MARK: - Companions

    /// Starts it anew after each two spans of the restart's time, until cancelled.
    private func again(_ companion: Companion, after delay: Duration) async throws {
        var life = restart * 2 + delay
        while !Task.isCancelled {
            let span = life
            try? FileManager.default.removeItem(atPath: companion.readyFile)
            try await companion.run { try await Task.sleep(for: span) }
            restarts.withLock { $0 += 1 }
            life = restart * 2
        }
    }

    private func cloud(_ configuration: String) -> Companion {
        Companion(
            arguments: ["simulate", "cloud", "--config", "/dev/stdin", "--ready-file", folder.cloudReady],
            input: configuration, logFile: folder.cloud + "/cloud.log", readyFile: folder.cloudReady)
    }

    private var fixture: Companion {
        Companion(
            arguments: ["simulate", "fixture", "--plan", folder.plan, "--ready-file", folder.fixtureReady], input: "",
            logFile: folder.boards + "/fixture.log", readyFile: folder.fixtureReady)
    }

    private func readers(_ address: String) -> Companion {
        Companion(
            arguments: ["bench", "page-reader", address, "--count", "2", "--ready-file", folder.root + "/readers"],
            input: "", logFile: folder.root + "/readers.log", readyFile: folder.root + "/readers")
    }

    /// The stand-in's configuration with the ports that it has taken.
    private func fixed(_ configuration: String, _ ready: ReadyFile) -> String {
        let doors = [
            ("openapi_https", ready.openapiTLS), ("registration_https", ready.registration),
            ("mqtt_tls", ready.mqttTLS),
            ("admin", ready.admin),
        ]
        return doors.reduce(configuration) { text, door in
            let digits = (door.1 ?? "").split(separator: ":").last.map { $0.prefix { $0.isNumber } } ?? ""
            return text.replacing("\(door.0) = 0", with: "\(door.0) = \(digits)")
        }
    }

    // MARK: - Order and files

    private func makeOrder(_ station: StationComposition) async throws -> String {
        func perform(_ command: StationCommand) async throws -> JSONValue {
            try await command.perform(station.context(actor: "bench"))
        }
        _ = try await perform(
            .addRelease(folder: folder.firmware, profile: Self.profile, version: Self.version, deviceSDK: "c-4.2.0"))
        let made = try await perform(
            .createOrder(
                StationCommand.OrderDraft(
                    productKey: credentials.productKey, release: Self.version, profile: Self.profile, quota: boards,
                    mode: RegistrationMode.preRegistered.rawValue, activation: ActivationMode.board.description,
                    firstArticle: false, stopOnRepetition: false)))
        let id = made["order"].string ?? ""
        _ = try await perform(
            .changeOrder(id: id, state: WorkOrder.State.open.rawValue, leavingUnsettled: false, reason: "bench"))
        return id
    }

    /// Where the boards read where the cloud is: it is there while the stand-in is started anew.
    private var cloudPlace: String { folder.boards + "/cloud.json" }

    private func flash(_ board: Int) -> String { folder.boards + "/\(board).flash" }

    private func plan(ports: [Int?]) -> String {
        let plan: JSONValue = [
            "slots": .array(
                ports.enumerated().map { index, port in
                    [
                        "name": "slot-\(index + 1)", "link": .string(folder.boards + "/slot-\(index + 1)"),
                        "control_port": .init(port),
                    ]
                }),
            "boards": .array(
                (1...boards).map { number in
                    let low = String(number * 4, radix: 16, uppercase: true)
                    return [
                        "id": .init(number),
                        "mac": .string("6055F9" + String(repeating: "0", count: max(0, 6 - low.count)) + low),
                        "flash": .string(flash(number)), "family": .string(Self.profile),
                    ]
                }),
            "cloud": .string(cloudPlace), "retry_seconds": 2,
        ]
        return plan.text
    }

    private func configuration(_ ready: ReadyFile, _ places: FixtureAddresses) -> String {
        var lines = [
            "[station]", "id = \"soak\"", "data = \"\(folder.station)\"", "", "[cloud]",
            "openapi = \"\(ready.openapiTLS ?? "")\"", "registration = \"\(ready.registration ?? "")\"",
            "mqtt = \"\(ready.mqttTLS ?? "")\"", "ca_file = \"\(ready.caFile ?? "")\"",
            "access_key_id = \"\(credentials.accessKeyID)\"", "qps_share = 30", "",
        ]
        if let stubs = ProcessInfo.processInfo.environment["STATION_STUB_DIRECTORY"], !stubs.isEmpty {
            lines += ["[flash.espressif]", "stub_directory = \"\(stubs)\"", ""]
        }
        for slot in places.slots {
            lines += [
                "[[slots]]", "name = \"\(slot.name)\"", "profile = \"\(Self.profile)\"", "port = \"\(slot.port)\"",
                "control = \"\(slot.control)\"", "",
            ]
        }
        return lines.joined(separator: "\n")
    }
}

import Execution
import Foundation
import Journal
import Logging
import Provisioning
import Simulation

/// One demonstration: a cloud, a fixture full of boards, and the same station that `serve` runs.
struct Demo: Sendable {
    let boards: Int
    let slots: Int
    let identity: Identity.Kind
    let channel: String
    let mode: RegistrationMode
    let activation: ActivationMode
    let instance: DemoInstance
    let faults: [DemoFault]
    let seed: UInt64
    let paced: Int?
    let folder: DemoFolder
    let home: StationHome
    let output: FileHandle

    private static let version = "1.0.0"

    /// Runs it to its report.
    func run() async throws -> DemoReport {
        let started = ContinuousClock.now
        let credentials = DemoCredentials()
        try credentials.seal(in: folder)
        try FirmwareImages(version: Self.version).write(to: URL(fileURLWithPath: folder.firmware))
        let list = DemoBoard.make(count: boards, identity: identity, faults: faults, seed: seed)
        let cloud = Companion(
            arguments: ["simulate", "cloud", "--config", "/dev/stdin", "--ready-file", folder.cloudReady],
            input: credentials.cloudConfiguration(folder: folder, faults: faults, instance: instance),
            logFile: folder.cloud + "/cloud.log",
            readyFile: folder.cloudReady)
        let fixture = Companion(
            arguments: ["simulate", "fixture", "--plan", folder.plan, "--ready-file", folder.fixtureReady], input: "",
            logFile: folder.boards + "/fixture.log", readyFile: folder.fixtureReady)
        let profile = try home.profile(named: identity == .mac ? "esp32c3" : "esp32c3-\(identity.rawValue)")
        return try await cloud.run {
            try writePlan(list, profile)
            return try await fixture.run { try await station(credentials, profile, list, started) }
        }
    }

    /// Runs the station over all boards.
    private func station(
        _ credentials: DemoCredentials, _ profile: BoardProfile, _ list: [DemoBoard], _ started: ContinuousClock.Instant
    ) async throws -> DemoReport {
        let ready = try ReadyFile.read(from: folder.cloudReady)
        let fixture = try FixtureAddresses.read(from: folder.fixtureReady)
        try configuration(credentials, profile, ready, fixture).write(
            toFile: folder.configuration, atomically: true, encoding: .utf8)
        var hands: [String: FixtureClient] = [:]
        for slot in fixture.slots { hands[slot.name] = try FixtureClient(slot.control) }
        let floor = DemoFloor(boards: list, intruder: boards + 1, fixtures: hands)
        var logger = Logger(label: "station", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .error
        var adjustments = StationComposition.Adjustments(probeInterval: .seconds(2))
        if faults.contains(where: \.hitsOneBoard) {
            adjustments.beforeStep = { slot, step in await floor.beforeStep(slot, step) }
        }
        let station = try StationComposition(
            configuration: StationConfiguration.load(folder.configuration), profiles: [profile.name: profile],
            logger: logger, adjustments: adjustments)
        let order = try await makeOrder(station, credentials.productKey, profile)
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
            group.addTask {
                do { try await troubleTheCloud(ready, credentials.productKey) } catch is CancellationError {
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
        let report = DemoReport(
            order: order, runs: try await station.journal.runs(order: order), passages: await floor.passages,
            boards: list, activation: activation, faults: faults, duration: .now - started)
        try report.writeLog(to: folder.station + "/logs")
        try await writeExport(station.journal)
        return report
    }

    private func makeOrder(
        _ station: StationComposition, _ productKey: String, _ profile: BoardProfile
    ) async throws -> String {
        func perform(_ command: StationCommand) async throws -> JSONValue {
            try await command.perform(station.context(actor: "demo"))
        }
        _ = try await perform(
            .addRelease(
                folder: folder.firmware, profile: profile.name, version: Self.version, deviceSDK: "c-4.2.0"))
        let made = try await perform(
            .createOrder(
                StationCommand.OrderDraft(
                    productKey: productKey, release: Self.version, profile: profile.name, quota: boards,
                    mode: mode.rawValue, activation: activation.description)))
        let id = made["order"].string ?? ""
        _ = try await perform(
            .changeOrder(id: id, state: WorkOrder.State.open.rawValue, leavingUnsettled: false, reason: "demo"))
        return id
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

    private func writeExport(_ journal: Journal) async throws {
        let exports = folder.station + "/exports"
        try FileManager.default.createDirectory(atPath: exports, withIntermediateDirectories: true)
        let file = exports + "/journal.jsonl"
        guard FileManager.default.createFile(atPath: file, contents: nil) else {
            throw Companion.CompanionError(description: "\(file) cannot be written")
        }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        try await journal.export(.jsonl) { try handle.write(contentsOf: Data($0.utf8)) }
        try handle.close()
    }

    private func writePlan(_ list: [DemoBoard], _ profile: BoardProfile) throws {
        let all = list + [DemoBoard.intruder(id: boards + 1, identity: identity, seed: seed)]
        let width = String(boards + 1).count
        let plan: JSONValue = [
            "slots": .array(
                (1...slots).map { ["name": "slot-\($0)", "link": .string(folder.boards + "/slot-\($0)")] }),
            "boards": .array(
                all.map { board in
                    let number = String(board.id)
                    let name = String(repeating: "0", count: max(0, width - number.count)) + number
                    return [
                        "id": .init(board.id), "mac": .string(board.mac), "uid": .string(board.uid),
                        "sn": .init(board.sn), "imei": .init(board.imei),
                        "flash": .string(folder.boards + "/board-\(name).flash"), "fault": board.planFault,
                    ]
                }),
            "cloud": .string(folder.cloudReady), "channel": .string(channel), "pace": .init(paced), "retry_seconds": 2,
            "device_name": .string(profile.deviceName.template), "registration": .string(mode.rawValue),
            "network": .bool(activation != .relay),
        ]
        try plan.text.write(toFile: folder.plan, atomically: true, encoding: .utf8)
    }

    private func configuration(
        _ credentials: DemoCredentials, _ profile: BoardProfile, _ ready: ReadyFile, _ fixture: FixtureAddresses
    ) -> String {
        let isOff = faults.contains(.switchOff(seconds: nil))
        var lines = [
            "[station]", "id = \"demo\"", "data = \"\(folder.station)\"", "", "[cloud]",
            "openapi = \"\(ready.openapiTLS ?? "")\"", "registration = \"\(ready.registration ?? "")\"",
            "mqtt = \"\(ready.mqttTLS ?? "")\"", "ca_file = \"\(ready.caFile ?? "")\"", instance.toml,
            "access_key_id = \"\(credentials.accessKeyID)\"", "qps_share = 30", "", "[limits]",
            // Boards of an order whose switch stays off need not be waited for long; any other trouble is waited out.
            "hold_after_seconds = \(isOff ? 10 : 600)", "",
        ]
        if let stubs = ProcessInfo.processInfo.environment["STATION_STUB_DIRECTORY"], !stubs.isEmpty {
            lines += ["[flash.espressif]", "stub_directory = \"\(stubs)\"", ""]
        }
        for slot in fixture.slots {
            lines += [
                "[[slots]]", "name = \"\(slot.name)\"", "profile = \"\(profile.name)\"", "port = \"\(slot.port)\"",
                "control = \"\(slot.control)\"", "",
            ]
        }
        return lines.joined(separator: "\n")
    }
}

extension DemoBoard {
    /// The fault as the fixture's plan takes it; faults that hands or the plan's identities make are none of its own.
    fileprivate var planFault: JSONValue {
        switch fault {
        // A bit of the application that its image has set in the one state and the flash keeps in the other.
        case .flashBitFlip: ["kind": "stuck-bit", "offset": 0x12345, "bit": 3, "value": nil]
        case .wrongProductSecret: ["kind": "wrong-product-secret"]
        case .noBoot: ["kind": "no-boot"]
        case .forgetsCredential: ["kind": "forgets-credential"]
        case .wrongProof: ["kind": "wrong-proof"]
        case .garbageOnSerial: ["kind": "garbage:\(id):0.0005"]
        default: nil
        }
    }
}

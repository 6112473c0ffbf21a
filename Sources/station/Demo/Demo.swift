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
    let output: FileHandle
    /// Told of each board when it has been taken off its slot for good.
    var onTaken: @Sendable (DemoBoard) async throws -> Void = { _ in }

    private static let version = "1.0.0"

    /// Runs it to its report.
    func run() async throws -> DemoReport {
        let started = ContinuousClock.now
        let credentials = DemoCredentials()
        try credentials.seal(in: folder)
        for profile in profiles { try writeImages(profile) }
        let cloud = Companion(
            arguments: ["simulate", "cloud", "--config", "/dev/stdin", "--ready-file", folder.cloudReady],
            input: credentials.cloudConfiguration(folder: folder, faults: faults, instance: instance),
            logFile: folder.cloud + "/cloud.log",
            readyFile: folder.cloudReady)
        let fixture = Companion(
            arguments: ["simulate", "fixture", "--plan", folder.plan, "--ready-file", folder.fixtureReady], input: "",
            logFile: folder.boards + "/fixture.log", readyFile: folder.fixtureReady)
        return try await cloud.run {
            try writePlan()
            return try await fixture.run { try await station(credentials, started) }
        }
    }

    /// Runs the station over all boards.
    private func station(
        _ credentials: DemoCredentials, _ started: ContinuousClock.Instant
    ) async throws -> DemoReport {
        let ready = try ReadyFile.read(from: folder.cloudReady)
        let fixture = try FixtureAddresses.read(from: folder.fixtureReady)
        try configuration(credentials, ready, fixture).write(
            toFile: folder.configuration, atomically: true, encoding: .utf8)
        var hands: [String: FixtureClient] = [:]
        for slot in fixture.slots { hands[slot.name] = try FixtureClient(slot.control) }
        let places = zip(fixture.slots.indices, fixture.slots).map { ($1.name, profile(ofSlot: $0).name) }
        let floor = DemoFloor(
            boards: boards,
            intruders: Dictionary(uniqueKeysWithValues: zip(fixture.slots.map(\.name), intruders.map(\.id))),
            fixtures: hands, profiles: Dictionary(uniqueKeysWithValues: places), onTaken: onTaken)
        var logger = Logger(label: "station", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .error
        var adjustments = StationComposition.Adjustments(probeInterval: .seconds(2))
        if boards.contains(where: { $0.fault != nil }) {
            adjustments.beforeStep = { slot, step in await floor.beforeStep(slot, step) }
        }
        let station = try StationComposition(
            configuration: StationConfiguration.load(folder.configuration),
            profiles: Dictionary(uniqueKeysWithValues: profiles.map { ($0.name, $0) }),
            logger: logger, adjustments: adjustments)
        var orders: [String] = []
        for profile in profiles {
            let quota = boards.count { $0.profile.name == profile.name }
            if quota > 0 { orders.append(try await makeOrder(station, credentials.productKey, profile, quota)) }
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

    /// What journal and cloud hold of it in the end.
    private func tally(
        _ station: StationComposition, _ orders: [String], _ ready: ReadyFile
    ) async throws -> DemoReport.Tally {
        var units: [BoardUnit] = []
        for order in orders { units += try await station.journal.units(order: order) }
        return DemoReport.Tally(
            units: units, firstClaims: try await firstClaims(station.journal),
            devices: try await CloudAdmin(ready).devices().filter { $0.deviceName != CloudDesk.probeName },
            isChainWhole: try await station.journal.verify().isClean,
            writtenIntruders: try intruders.filter { try isWritten($0.id) }.count)
    }

    /// Claims by which a board became a unit.
    private func firstClaims(_ journal: Journal) async throws -> Int {
        let count = Locked(0)
        try await journal.export(.jsonl) { line in
            guard line.contains("claim.bound") else { return }
            let record = try JSONValue(parsing: JSONValue(parsing: line)["record"].string ?? "")
            if record["kind"].string == "claim.bound", record["body"]["first"].bool == true {
                count.withLock { $0 += 1 }
            }
        }
        return count.withLock { $0 }
    }

    /// Whether a flash file holds the images of the release where the profile says.
    func holdsRelease(_ file: String, _ profile: BoardProfile) throws -> Bool {
        let flash = try Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped)
        return try profile.flash.regions.allSatisfy { region in
            let image = try Data(contentsOf: URL(fileURLWithPath: firmware(profile) + "/" + region.file))
            let place = region.offset..<region.offset + image.count
            return place.upperBound <= flash.count && flash.subdata(in: place) == image
        }
    }

    private func makeOrder(
        _ station: StationComposition, _ productKey: String, _ profile: BoardProfile, _ quota: Int
    ) async throws -> String {
        func perform(_ command: StationCommand) async throws -> JSONValue {
            try await command.perform(station.context(actor: "demo"))
        }
        _ = try await perform(
            .addRelease(
                folder: firmware(profile), profile: profile.name, version: Self.version, deviceSDK: "c-4.2.0"))
        let made = try await perform(
            .createOrder(
                StationCommand.OrderDraft(
                    productKey: productKey, release: Self.version, profile: profile.name, quota: quota,
                    mode: mode.rawValue, activation: activation.description, firstArticle: firstArticle,
                    stopOnRepetition: false)))
        let id = made["order"].string ?? ""
        _ = try await perform(
            .changeOrder(id: id, state: WorkOrder.State.open.rawValue, leavingUnsettled: false, reason: "demo"))
        return id
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

    private func profile(ofSlot index: Int) -> BoardProfile { profiles[index % profiles.count] }

    private func firmware(_ profile: BoardProfile) -> String { folder.firmware + "/" + profile.name }

    /// The files of the release that the profile asks for.
    private func writeImages(_ profile: BoardProfile) throws {
        let target = firmware(profile)
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        for (file, bytes) in try SimulatedFamily(of: profile).images(version: Self.version) {
            try Data(bytes).write(to: URL(fileURLWithPath: target + "/" + file))
        }
    }

    /// Where the demo's flashers stand: esptool of the environment, and the stand-in for a maker's download tool.
    private func toolLines() throws -> [String] {
        let programs = Set(profiles.compactMap(\.flash.tool?.program))
        guard !programs.isEmpty else { return [] }
        var lines = ["[tools]"]
        if programs.contains("cat1-download"), let station = StationHome.executablePath() {
            let file = folder.boards + "/cat1-download"
            try "#!/bin/sh\nexec '\(station)' simulate flasher \"$@\"\n".write(
                toFile: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file)
            lines.append("cat1-download = \"\(file)\"")
        }
        if programs.contains("esptool"), let venv = ProcessInfo.processInfo.environment["STATION_VENV"] {
            lines.append("esptool = \"\(venv)/bin/esptool\"")
        }
        return lines + [""]
    }

    /// Boards that belong to nobody, one for each slot: for the fault that swaps boards.
    private var intruders: [DemoBoard] {
        (1...slots).map {
            DemoBoard.intruder(id: boards.count + $0, profile: profile(ofSlot: $0 - 1), seed: seed)
        }
    }

    /// The flash of a board of this demo.
    func flash(of board: DemoBoard.ID) -> String {
        let (number, width) = (String(board), String(boards.count + slots).count)
        return folder.boards + "/board-" + String(repeating: "0", count: max(0, width - number.count)) + number
            + ".flash"
    }

    /// Whether anything stands in a board's flash.
    private func isWritten(_ board: DemoBoard.ID) throws -> Bool {
        guard FileManager.default.fileExists(atPath: flash(of: board)) else { return false }
        return try Data(contentsOf: URL(fileURLWithPath: flash(of: board)), options: .alwaysMapped)
            .contains { $0 != 0xFF }
    }

    private func writePlan() throws {
        let plan: JSONValue = [
            "slots": .array(
                (1...slots).map {
                    [
                        "name": "slot-\($0)", "link": .string(folder.boards + "/slot-\($0)"),
                        "usb": .string("1-\($0)"),
                    ]
                }),
            "boards": .array(
                try (boards + intruders).map { board in
                    [
                        "id": .init(board.id), "mac": .string(board.mac), "uid": .string(board.uid),
                        "sn": .init(board.sn), "imei": .init(board.imei),
                        "flash": .string(flash(of: board.id)), "fault": board.planFault,
                        "family": .string(try SimulatedFamily(of: board.profile).rawValue),
                        "device_name": .string(board.profile.deviceName.template),
                        "joins_network": .bool(board.profile.network != nil),
                    ]
                }),
            "cloud": .string(folder.cloudReady), "channel": .string(channel), "pace": .init(paced), "retry_seconds": 2,
            "registration": .string(mode.rawValue),
            "network": .bool(activation != .relay),
        ]
        try plan.text.write(toFile: folder.plan, atomically: true, encoding: .utf8)
    }

    private func configuration(
        _ credentials: DemoCredentials, _ ready: ReadyFile, _ fixture: FixtureAddresses
    ) throws -> String {
        let isOff = faults.contains(.switchOff(seconds: nil))
        var lines = [
            "[station]", "id = \"demo\"", "data = \"\(folder.station)\"", "", "[cloud]",
            "openapi = \"\(ready.openapiTLS ?? "")\"", "registration = \"\(ready.registration ?? "")\"",
            "mqtt = \"\(ready.mqttTLS ?? "")\"", "ca_file = \"\(ready.caFile ?? "")\"", instance.toml,
            "access_key_id = \"\(credentials.accessKeyID)\"", "qps_share = 30", "", "[limits]",
            // Boards of an order whose switch stays off need not be waited for long; any other trouble is waited out.
            "hold_after_seconds = \(isOff ? 10 : 600)", "",
        ]
        lines += try toolLines()
        if let stubs = ProcessInfo.processInfo.environment["STATION_STUB_DIRECTORY"], !stubs.isEmpty {
            lines += ["[flash.espressif]", "stub_directory = \"\(stubs)\"", ""]
        }
        if profiles.contains(where: { $0.network != nil }) { lines += ["[network]", "ssid = \"demo-line\"", ""] }
        for (index, slot) in fixture.slots.enumerated() {
            lines += [
                "[[slots]]", "name = \"\(slot.name)\"", "profile = \"\(profile(ofSlot: index).name)\"",
                "port = \"\(slot.port)\"",
                "control = \"\(slot.control)\"", "usb = \"1-\(index + 1)\"", "",
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
        case .noJoin: ["kind": "no-join"]
        case .keepsNetwork: ["kind": "keeps-network"]
        case .garbageOnSerial: ["kind": "garbage:\(id):0.0005"]
        default: nil
        }
    }
}

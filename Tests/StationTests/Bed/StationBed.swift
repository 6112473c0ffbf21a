import Foundation
import Provisioning
import Simulation

@testable import station

/// A whole line for one test: the cloud stand-in and simulated boards as processes of their own, and a station that is
/// set up as a person would do it, with one open order. `serve` is the test's to start, kill and start again.
struct StationBed: Sendable {
    /// What lies on the line.
    enum Floor: Sendable {
        /// One board that is always on its slot, behind TCP; `pace` makes its wire take its time, in baud.
        case board(pace: Int? = nil)
        /// A fixture with one empty slot and this many boards in its tray.
        case fixture(boards: Int)
    }

    /// Where a slot is reached.
    private struct Slot: Sendable {
        let name: String
        let port: String
        let control: String
    }

    /// How the line's order, cloud and boards work; the default is the plain way.
    struct Ways: Sendable {
        var mode = RegistrationMode.preRegistered
        var activation = "board"
        /// The boards' profile; another than this on a fixture alone.
        var profile = "esp32c3"
        /// The fault of every board on a fixture, as its plan names it.
        var fault: JSONValue = nil
        /// Slots of a fixture.
        var slots = 1
        /// More boards of a fixture, as its plan describes them.
        var moreBoards: @Sendable (StationBed) -> [JSONValue] = { _ in [] }
        /// Units the order may claim.
        var quota = 9
        /// Whether the operator's page is served.
        var hasPage = false
        /// Whether the order is opened at once.
        var opensOrder = true
        /// More options of `order create`.
        var orderOptions = ["--no-first-article", "--no-stop-on-repetition"]
        /// More lines for the stand-in's table `[behaviour]`.
        var behaviour = ""
    }

    static let version = "1.0.0"
    let folder: String
    let ways: Ways
    let productKey = "a1StationBed"
    let productSecret: String
    let accessKeyID = "LTAIStationBed"
    let accessKeySecret: String
    private let workflowKeyID = "LTAIStationBedTwo"
    private let workflowKeySecret: String
    private var slots: [Slot] = []
    /// The open order.
    private(set) var order = ""

    private init(folder: String, ways: Ways) {
        (self.folder, self.ways) = (folder, ways)
        workflowKeySecret = String(UUID().uuidString.filter { $0 != "-" }.prefix(30))
        productSecret = String(UUID().uuidString.filter { $0 != "-" }.prefix(16))
        accessKeySecret = String(UUID().uuidString.filter { $0 != "-" }.prefix(30))
    }

    var data: String { folder + "/station" }
    var configuration: String { folder + "/station.toml" }
    var firmware: String { folder + "/firmware" }
    var cloudReady: String { folder + "/cloud.json" }
    /// Where the stand-in keeps every secret that it was made with or gave out.
    var cloudSecrets: String { folder + "/cloud-secrets.json" }
    /// `socket://HOST:PORT`, where boards are placed and taken.
    var control: String { slots[0].control }
    /// The same of every slot, by name.
    var controls: [String: String] { Dictionary(uniqueKeysWithValues: slots.map { ($0.name, $0.control) }) }

    /// The flash file of board `number`, from 1.
    func flash(_ number: Int = 1) -> String { folder + "/board-\(number).flash" }

    /// The MAC of board `number` and, by its profile's rule, its DeviceName.
    func deviceName(_ number: Int = 1) -> String {
        let low = String(0x100 + number * 4, radix: 16, uppercase: true)
        return "7CDFA1" + String(repeating: "0", count: 6 - low.count) + low
    }

    /// Sets everything up, runs `body`, ends everything.
    static func with(
        _ floor: Floor = .board(), _ ways: Ways = Ways(),
        _ body: @escaping @Sendable (StationBed) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let bare = StationBed(folder: folder, ways: ways)
            let cloud = ["simulate", "cloud", "--config", "/dev/stdin", "--ready-file", bare.cloudReady]
            _ = try await Program.station.running(cloud, input: bare.cloudConfiguration, log: folder + "/cloud.log") {
                try await bare.ready(bare.cloudReady)
                _ = try await Program.station.running(try bare.arguments(floor), log: folder + "/boards.log") {
                    try await bare.ready(bare.boardsReady)
                    try await body(try await bare.setUp())
                }
            }
        }
    }

    // MARK: - Doing

    /// A command of the station's command line that must work; what it printed.
    @discardableResult
    func station(_ first: String..., arguments more: [String] = [], input: String = "") async throws -> String {
        let arguments = first + more
        let ended = try await Program.station.run(arguments + ["--config", configuration], input: input)
        guard ended.isSuccess else {
            throw TestTrouble("\(arguments.joined(separator: " ")): \(ended.status): \(ended.error)")
        }
        return ended.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Where the running station serves its page, and the one-time code it shows on its terminal.
    func page() async throws -> (url: String, code: String) {
        try await eventually("the page's address") {
            let lines = try String(contentsOfFile: folder + "/serve.log", encoding: .utf8).split(separator: "\n")
            let url = lines.first { $0.hasPrefix("page: ") }?.dropFirst(6)
            let code = lines.first { $0.contains("one-time code ") }?.split(separator: " ").last
            return url.flatMap { url in code.map { (url: String(url), code: String($0)) } }
        }
    }

    /// Gives the running station what a scanner read.
    func scan(_ text: String, slot: String? = nil) async throws -> Program.Ended {
        try await Program.station.run(
            ["scan", text, "--config", configuration] + (slot.map { ["--slot", $0] } ?? []))
    }

    /// Runs `serve` while `body` does, then tells it to stop.
    /// - Returns: what `body` made, and the exit status; nil where a signal ended it.
    func serve<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> (value: Value, code: Int32?) {
        try await Program.station.running(["serve", "--config", configuration], log: folder + "/serve.log", body)
    }

    // MARK: - Seeing

    func records() async throws -> JournalRecords {
        guard let records = try await JournalRecords.export(data) else { throw TestTrouble("no journal in \(data)") }
        return records
    }

    /// Waits until `count` runs are concluded.
    func conclusions(_ count: Int) async throws -> [JournalRecords.Conclusion] {
        try await eventually("conclusion \(count)") {
            let found = try await records().conclusions
            return found.count >= count ? found : nil
        }
    }

    /// Waits until a record is there.
    @discardableResult
    func record(
        _ what: String, _ isWanted: @Sendable (JournalRecords.Record) -> Bool
    ) async throws -> JournalRecords.Record {
        try await eventually(what) { try await records().records.last(where: isWanted) }
    }

    /// The cloud's devices by the name of board `number`.
    func devices(_ number: Int = 1) async throws -> [ListedDevice] {
        try await devices(of: [number])
    }

    /// The cloud's devices by the names of these boards.
    func devices(of numbers: some Sequence<Int>) async throws -> [ListedDevice] {
        let names = Set(numbers.map { deviceName($0) })
        let ended = try await Program.station.run(["simulate", "devices", "--json", "--ready-file", cloudReady])
        return try JSONDecoder().decode([ListedDevice].self, from: Data(ended.output.utf8))
            .filter { names.contains($0.deviceName) }
    }

    /// The partition in which the firmware keeps its DeviceSecret.
    func nvs(_ number: Int = 1) throws -> Data { try bytes(of: flash(number), from: 0x9000, count: 0x6000) }

    // MARK: - Setting up

    private var boardsReady: String { folder + "/boards.json" }

    private func ready(_ file: String) async throws {
        try await eventually(file) { FileManager.default.fileExists(atPath: file) ? true : nil }
    }

    private var cloudConfiguration: String {
        """
        [listen]
        host = "127.0.0.1"
        openapi_https = 0
        registration_https = 0
        mqtt_tls = 0
        admin = 0

        [[access_keys]]
        id = "\(accessKeyID)"
        secret = "\(accessKeySecret)"

        [[access_keys]]
        id = "\(workflowKeyID)"
        secret = "\(workflowKeySecret)"

        [[products]]
        key = "\(productKey)"
        secret = "\(productSecret)"
        name = "bed"
        dynamic_registration = true

        [behaviour]
        secrets_file = "\(cloudSecrets)"
        \(ways.behaviour)

        [pki]
        directory = "\(folder)/pki"
        """
    }

    private func arguments(_ floor: Floor) throws -> [String] {
        switch floor {
        case .board(let pace):
            return [
                "simulate", "board", "--listen", "127.0.0.1:0", "--relay", "127.0.0.1:0", "--identity",
                "mac=\(deviceName())", "--download", "--cloud", cloudReady, "--flash", flash(), "--retry-seconds", "1",
                "--ready-file", boardsReady, "--registration", ways.mode.rawValue,
            ] + (ways.activation == "relay" ? ["--no-network"] : []) + (pace.map { ["--pace", "\($0)"] } ?? [])
        case .fixture(let boards):
            let profile = try StationHome.locate(explicit: nil).profile(named: ways.profile)
            let plan: JSONValue = [
                "slots": .array(
                    (1...ways.slots).map {
                        ["name": .string("slot-\($0)"), "link": .string(folder + "/port-\($0)")]
                    }),
                "boards": .array(
                    (1...boards).map {
                        [
                            "id": .init($0), "mac": .string(deviceName($0)), "flash": .string(flash($0)),
                            "uid": .string(Self.uid($0)),
                            "sn": ways.profile == "nrf-smp" ? .string(String(Self.uid($0).prefix(16))) : nil,
                            "family": .string(ways.profile), "device_name": .string(profile.deviceName.template),
                            "joins_network": .bool(profile.network != nil),
                            "fault": ways.fault,
                        ]
                    } + ways.moreBoards(self)), "cloud": .string(cloudReady), "retry_seconds": 1,
                "registration": .string(ways.mode.rawValue), "network": .bool(ways.activation != "relay"),
            ]
            try plan.text.write(toFile: folder + "/plan.json", atomically: true, encoding: .utf8)
            return ["simulate", "fixture", "--plan", folder + "/plan.json", "--ready-file", boardsReady]
        }
    }

    /// The chip's unique id of board `number`; a Zephyr board names itself by its first eight bytes.
    static func uid(_ number: Int) -> String {
        (number < 16 ? "0" : "") + String(number, radix: 16, uppercase: true) + "112233445566778899AABBCCDDEEFF"
    }

    private func setUp() async throws -> StationBed {
        var bed = self
        let place = try JSONValue(parsing: String(contentsOfFile: boardsReady, encoding: .utf8))
        bed.slots = (place["slots"].array ?? [place]).enumerated().map { index, address in
            Slot(
                name: "slot-\(index + 1)", port: address["port"].string ?? "",
                control: address["control"].string ?? "")
        }
        try bed.stationConfiguration(ReadyFile.read(from: cloudReady)).write(
            toFile: configuration, atomically: true, encoding: .utf8)
        try FileManager.default.createDirectory(atPath: firmware, withIntermediateDirectories: true)
        for (file, image) in try (SimulatedFamily(rawValue: ways.profile) ?? .esp32c3).images(version: Self.version) {
            try Data(image).write(to: URL(fileURLWithPath: firmware + "/" + file))
        }
        try await station("secret", "set", "product/" + productKey, input: productSecret + "\n")
        try await station("secret", "set", "network/line", input: "bed-password\n")
        try await station("secret", "set", "access-key/" + accessKeyID, input: accessKeySecret + "\n")
        try await station("secret", "set", "access-key/" + workflowKeyID, input: workflowKeySecret + "\n")
        try await station(
            "release", "add", firmware, "--profile", ways.profile, "--version", Self.version, "--device-sdk", "c-4.2.0")
        bed.order = try await station(
            "order", "create", "--product", productKey, "--release", Self.version, "--profile", ways.profile, "--quota",
            String(ways.quota), "--mode", ways.mode.rawValue, "--activation", ways.activation,
            arguments: ways.orderOptions)
        if ways.opensOrder { try await station("order", "open", bed.order) }
        return bed
    }

    private func stationConfiguration(_ ready: ReadyFile) -> String {
        var text = """
            [station]
            id = "bed"
            data = "station"

            [cloud]
            openapi = "\(ready.openapiTLS ?? "")"
            registration = "\(ready.registration ?? "")"
            mqtt = "\(ready.mqttTLS ?? "")"
            ca_file = "\(ready.caFile ?? "")"
            access_key_id = "\(accessKeyID)"
            workflow_access_key_id = "\(workflowKeyID)"
            qps_share = 30

            [network]
            ssid = "bed"


            """
        for slot in slots {
            text += """

                [[slots]]
                name = "\(slot.name)"
                profile = "\(ways.profile)"
                port = "\(slot.port)"
                control = "\(slot.control)"

                """
        }
        if ways.hasPage { text += "\n[operator]\nlisten = \"127.0.0.1:0\"\n" }
        if let stubs = ProcessInfo.processInfo.environment["STATION_STUB_DIRECTORY"], !stubs.isEmpty {
            text += "\n[flash.espressif]\nstub_directory = \"\(stubs)\"\n"
        }
        return text
    }
}

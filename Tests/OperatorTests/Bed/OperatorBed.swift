import AsyncHTTPClient
import Foundation
import Journal
import Locking
import Logging
import NIOCore
import NIOSSL
import Provisioning
import Vault

@testable import Execution
@testable import Operator

/// A page that is really served on loopback, with a journal and a vault of its own in a temporary folder.
struct OperatorBed: Sendable {
    static let pages = ["operator", "desk"]

    let folder: String
    let journal: Journal
    let vault: Vault
    let events: LineEvents
    let clock: BedClock
    let server: OperatorServer
    let client: HTTPClient
    /// The address of the page, without a slash at its end.
    let url: String
    /// What the line was asked, with who asked.
    let asked: Locked<[(request: LineRequest, actor: String)]>

    /// Serves the page for the length of `body`.
    /// - Parameter pace: how fast the clocks go by themselves.
    static func with(
        configuration: OperatorConfiguration = OperatorConfiguration(port: 0), slots: Int = 4, pace: Int = 0,
        _ body: @Sendable (OperatorBed) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/operator-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let home = folder + "/home"
        try writePages(home)
        let data = folder + "/data"
        let journal = try Journal(folder: data)
        let vault = try Vault.open(dataFolder: data)
        let (events, clock) = (LineEvents(), BedClock(pace: pace))
        let asked = Locked<[(request: LineRequest, actor: String)]>([])
        let profiles = ["esp32c3": try profile()]
        let (addresses, announce) = AsyncStream.makeStream(of: String.self)
        let server = try OperatorServer(
            configuration: configuration,
            station: StationFacts(
                id: "LINE-1", version: "test", slots: (1...slots).map { (name: String($0), profile: "esp32c3") },
                language: .zh),
            homeFolder: home, journal: journal, vault: vault, events: events, profiles: profiles,
            perform: { command, actor in
                try await command.perform(
                    CommandContext(
                        journal: journal, releases: ReleaseStore(dataFolder: data), profiles: profiles, desk: nil,
                        actor: actor))
            },
            ask: { request, actor in
                asked.withLock { $0.append((request, actor)) }
                switch request {
                case .reprint: throw StationCommand.CommandError(description: "there is no label printer")
                case .call: break
                }
                return nil
            }, clock: clock.clock, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            onListening: { announce.yield($0) })
        var client = HTTPClient.Configuration(certificateVerification: .none)
        client.redirectConfiguration = .disallow
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: client)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { announce.finish() }
                    try await server.run()
                }
                guard let address = await addresses.first(where: { _ in true }) else {
                    return try await group.waitForAll()
                }
                try await body(
                    OperatorBed(
                        folder: folder, journal: journal, vault: vault, events: events, clock: clock, server: server,
                        client: http, url: String(address.dropLast()), asked: asked))
                group.cancelAll()
            }
        } catch {
            try await http.shutdown()
            throw error
        }
        try await http.shutdown()
    }

    /// A board profile whose images are small.
    static func profile() throws -> BoardProfile {
        BoardProfile(
            name: "esp32c3", titleZh: "板", titleEn: "board", chip: "esp32c3",
            identity: .init(kind: .mac, source: .efuseMAC, pattern: nil, isUIDIndependent: true),
            deviceName: try DeviceNameRule("{mac}"), macBlock: 4,
            flash: .init(
                method: .espressif,
                regions: [
                    .init(name: "bootloader", offset: 0, size: 0x8000, file: "bootloader.bin"),
                    .init(name: "app", offset: 0x10000, size: 0x10000, file: "app.bin"),
                ],
                credential: .region(
                    .init(
                        name: "cred", offset: 0x110000, size: 0x3000, format: .nvs, namespace: "cred",
                        productKeyName: "product_key", productSecretName: "product_secret")),
                preserved: [.init(name: "nvs", offset: 0x9000, size: 0x6000)]),
            console: .init(baud: 115_200, ready: try ConsolePattern("ready"), version: nil, errors: []),
            budgets: .init(connect: .seconds(1), boot: .seconds(1), activate: .seconds(1)))
    }

    private static func writePages(_ home: String) throws {
        try FileManager.default.createDirectory(atPath: home + "/page/assets", withIntermediateDirectories: true)
        for name in pages {
            try "<title>{{title}}</title><p>{{name}}</p>".write(
                toFile: "\(home)/page/\(name).html", atomically: true, encoding: .utf8)
        }
        try FileManager.default.createDirectory(atPath: home + "/report", withIntermediateDirectories: true)
        try "<style>{{{style}}}</style><h1>{{title}}</h1>".write(
            toFile: home + "/report/report.html", atomically: true, encoding: .utf8)
        try "body { color: black }".write(toFile: home + "/report/report.css", atomically: true, encoding: .utf8)
        try "body { color: black }".write(toFile: home + "/page/assets/page.css", atomically: true, encoding: .utf8)
    }
}

/// Clocks that a test moves, and which go by themselves where they have a pace.
final class BedClock: Sendable {
    private let pace: Int
    private let passed = Locked(Duration.zero)
    private let start = ContinuousClock.now
    private let wall = Date(timeIntervalSince1970: 1_795_000_000)

    /// - Parameter pace: seconds of theirs in a second; 0 = they stand until they are moved.
    init(pace: Int = 0) { self.pace = pace }

    /// Lets time pass.
    func advance(_ duration: Duration) { passed.withLock { $0 += duration } }

    private var now: Duration { passed.now + start.duration(to: .now) * pace }

    var clock: OperatorClock {
        OperatorClock(
            wall: { [self] in wall + Double(now.components.seconds) }, steady: { [self] in start + now })
    }
}

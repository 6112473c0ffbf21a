public import Execution
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Journal
public import Logging
import NIOCore
import NIOPosix
import NIOSSL
public import Provisioning
import Reports
public import ServiceLifecycle
public import Vault
import WebServing

/// The operator's page: HTML, the JSON API under `/api/v1`, server-sent events, sign-in.
///
/// It reads the journal and the line's events, and sends what people ask for to Execution as commands; it never writes the
/// journal itself. Runs until it is cancelled or asked to stop gracefully; then it cuts its connections at once.
public struct OperatorServer: Service {
    /// The code that makes the first engineer, to be shown on the station's own terminal only; nil once there is one.
    public var startCode: String? { desk.signIn.startCode }

    private let configuration: OperatorConfiguration
    private let desk: Desk
    private let pages: Pages
    private let tls: TLSConfiguration?
    private let pool: NIOThreadPool
    private let events: AsyncStream<LineEvent>
    private let onListening: @Sendable (String) -> Void

    /// Connections that may be open at once.
    static let longestQueue = 512

    /// Reads people and pages; nothing listens yet. Blocks for files and one hash.
    /// - Parameters:
    ///   - homeFolder: the folder with `page/`.
    ///   - events: the line's; watched from here on, so that nothing is missed before ``run()``.
    ///   - health: what the line depends on, asked every three seconds.
    ///   - profiles: the board profiles the station knows, by name.
    ///   - runLimit: runs one unit may take.
    ///   - perform: carries out a command; the second argument is who asks, for the journal.
    ///   - ask: asks the line; what it came to, for the operator, or nil. Throws where it is not offered.
    ///   - onListening: told the page's address once it is served.
    /// - Throws: ``OperatorError``, what the vault throws.
    public init(
        configuration: OperatorConfiguration, station: StationFacts, homeFolder: String, journal: Journal, vault: Vault,
        events: LineEvents, health: @escaping @Sendable () async -> [Health] = { [] },
        profiles: [String: BoardProfile], runLimit: Int = 3,
        perform: @escaping @Sendable (StationCommand, _ actor: String) async throws -> JSONValue,
        ask: @escaping @Sendable (LineRequest, _ actor: String) async throws -> Bilingual?,
        clock: OperatorClock = OperatorClock(), logger: Logger,
        onListening: @escaping @Sendable (_ url: String) -> Void = { _ in }
    ) throws {
        guard configuration.isLoopback || configuration.tls != .off else {
            throw OperatorError(
                "the page is to listen on \(configuration.host), which others can reach, without TLS: set tls = \"own\" in "
                    + "[operator], or listen on 127.0.0.1")
        }
        self.configuration = configuration
        self.onListening = onListening
        self.events = events.watch()
        pool = NIOThreadPool(numberOfThreads: 2)
        pages = try Pages(folder: homeFolder + "/page", station: station)
        tls = try ServerCertificate.configuration(configuration.tls, host: configuration.host, folder: journal.folder)
        ReleaseUpload.removeLeftovers(dataFolder: journal.folder)
        let people = try People(vault: vault, journal: journal, pool: pool)
        let sessions = Sessions(idle: .seconds(configuration.idleMinutes * 60), clock: clock)
        let epoch = String(RandomText.digest(RandomText.token()).prefix(8))
        let feed = Feed(station: station, journal: journal, clock: clock, health: health, epoch: epoch, logger: logger)
        desk = Desk(
            configuration: configuration, station: station, journal: journal, people: people, sessions: sessions,
            signIn: SignIn(people: people, sessions: sessions, journal: journal, clock: clock), feed: feed,
            epoch: epoch, clock: clock, logger: logger, profiles: profiles,
            scans: ScanDesk(
                lookup: ScanLookup(journal: journal, profiles: profiles, feed: feed, runLimit: runLimit),
                clock: clock), reports: ReportDesk(journal: journal, station: station.id, clock: clock),
            sheet: try ReportSheet(home: homeFolder), perform: perform, ask: ask)
    }

    /// Serves.
    /// - Throws: ``OperatorError`` where the port cannot be had; what the journal throws.
    public func run() async throws {
        pool.start()
        let connections = OpenConnections()
        do {
            try await cancelWhenGracefulShutdown {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await desk.feed.run(events) }
                    group.addTask { try await serve(connections) }
                    group.addTask {
                        while !Task.isCancelled {
                            try? await Task.sleep(for: .seconds(5))
                            // Who was signed off is told again at the next sweep where the journal fails now.
                            do { try await desk.signIn.sweep() } catch { desk.logger.error("sign-off: \(error)") }
                        }
                    }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
        } catch {
            try await pool.shutdownGracefully()
            guard !(error is CancellationError) else { return }
            throw error
        }
        try await pool.shutdownGracefully()
    }

    /// The name of who is at the line now: the operator who did something last, else a leader, else an engineer; nil =
    /// nobody is signed in.
    public var onDuty: String? {
        let signedIn = desk.sessions.latest.compactMap { desk.people.person($0) }
        let roles: [Role] = [.operator, .leader, .engineer]
        return roles.lazy.compactMap { role in signedIn.first { $0.role == role }?.name }.first
    }

    /// Whether somebody is signed in who may reset, delete and disable devices.
    public var hasLeader: Bool {
        desk.sessions.latest.compactMap { desk.people.person($0)?.role }.contains { $0 == .leader || $0 == .engineer }
    }

    /// Signs everybody off: the end of a shift.
    public func endShift() async throws { try await desk.signIn.closeAll(cause: "shift-end") }

    /// A release is uploaded within the time for an answer.
    private static var times: ConnectionDeadlineHandler.Times { .init(firstHead: .seconds(15), answer: .minutes(10)) }

    private func serve(_ connections: OpenConnections) async throws {
        let gate = Gate(desk: desk, isTLS: tls != nil)
        // What the library says about the end of its services is not for an operator.
        let quiet = Logger(label: "operator.web", factory: { _ in SwiftLogNoOpLogHandler() })
        let plain = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [ConnectionDeadlineHandler(connections, Self.times)],
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 16 << 10)))
        let (scheme, host, onListening) = (tls == nil ? "http" : "https", configuration.host, onListening)
        let application = Application(
            responder: Responder(
                desk: desk, gate: gate, table: RouteTable.all, pages: pages, limit: RequestLimit(clock: desk.clock)),
            server: try tls.map { try HTTPServerBuilder.tls(plain, tlsConfiguration: $0) } ?? plain,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.longestQueue, logger: quiet)),
            onServerRunning: { channel in
                let name = host.contains(":") ? "[\(host)]" : host
                onListening("\(scheme)://\(name):\(channel.localAddress?.port ?? 0)/")
            }, logger: quiet)
        do { try await application.serve(connections) } catch {
            throw OperatorError(
                "the page cannot be served on \(host):\(configuration.port): \(error); is the port in use?")
        }
    }
}

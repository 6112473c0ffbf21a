import ArgumentParser
import Execution
import Foundation
import Journal
import Logging
import Provisioning
import ServiceLifecycle
import UnixSignals

/// `station serve`: the daemon on the line PC.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the station: every slot takes boards for the open order until SIGTERM or Ctrl-C.",
        discussion: """
            A stop takes no new board and records running ones as aborted. Runs that a crash cut off are recorded as \
            interrupted at the next start, and their boards go on when they are placed again. Commands such as \
            `station order open` reach the daemon over its control socket.
            """)

    @Option(help: ArgumentHelp("The station's configuration.", valueName: "station.toml"))
    var config: String

    @Option(help: ArgumentHelp("Folder with board profiles.", valueName: "dir"))
    var home: String?

    func run() async throws {
        // Whatever the daemon makes is its own user's alone, the control socket included.
        umask(0o077)
        var logger = Logger(label: "station", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let home = try StationHome.locate(explicit: home)
        let profiles = try Dictionary(
            uniqueKeysWithValues: home.profileNames().map { ($0, try home.profile(named: $0)) })
        let configuration = try StationConfiguration.load(config)
        let printer = LinePrinter(output: .standardOutput, slots: configuration.slots.map(\.name))
        let station: StationComposition
        do {
            station = try StationComposition(
                configuration: configuration, profiles: profiles, logger: logger, home: home,
                page: configuration.page.map { page in
                    StationComposition.Page(configuration: page, tell: { printer.note($0) })
                })
        } catch let error as JournalError where [.storage, .notDurable].contains(error.code) {
            printer.note(Self.journalFault)
            throw error
        }
        let (events, starts) = (station.line.events.watch(), station.line.events.watch())
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: StationService(station: station), successTerminationBehavior: .gracefullyShutdownGroup)
                ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        printer.note("station \(station.configuration.id): \(station.configuration.slots.count) slots")
        async let printing: Void = printer.follow(events)
        async let ready: Void = {
            for await case .started in starts { return SystemdNotice.send("READY=1") }
        }()
        do {
            try await group.run()
        } catch let error as JournalError where [.storage, .folder].contains(error.code) {
            printer.note(Self.journalFault)
            throw error
        }
        _ = await (printing, ready)
        printer.note("station \(station.configuration.id) stopped")
    }

    /// Why the station stops, or does not start.
    private static var journalFault: String {
        let entry = FailureCode.journalFault.entry
        return "\(entry.code)  \(entry.en.happened). \(entry.en.action). \(entry.zh.happened)。\(entry.zh.action)。"
    }
}

/// The composition as a service of the daemon's group.
struct StationService: Service {
    let station: StationComposition

    func run() async throws { try await station.run() }
}

/// Tells systemd how the daemon is (sd_notify(3)): a datagram to the socket that NOTIFY_SOCKET names. Does nothing where
/// there is none.
enum SystemdNotice {
    static func send(_ text: String) {
        guard let path = ProcessInfo.processInfo.environment["NOTIFY_SOCKET"], !path.isEmpty else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        // An @ stands for the abstract name space.
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let message = Array(text.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(descriptor, message, message.count, 0, address, length)
            }
        }
    }
}

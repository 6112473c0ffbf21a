import AliyunIoT
import Foundation
import NIOCore
import NIOPosix
import Simulation

/// mosquitto as a yardstick: the same TLS door on loopback, in a process of its own, for anonymous clients, keeping
/// nothing.
struct BenchBroker: Sendable {
    let program: String
    /// Holds configuration, certificates and logs.
    let folder: String

    /// What to do where there is none.
    static let advice = "no mosquitto in PATH or /usr/sbin; install it with: apt-get install mosquitto"

    /// `mosquitto` in PATH, else in /usr/sbin, where Debian puts it and where PATH may not look; nil where there is none.
    static func find(environment: [String: String] = ProcessInfo.processInfo.environment) -> String? {
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init) + ["/usr/sbin"]
        return folders.map { "\($0)/mosquitto" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Starts the process, runs `body`, ends the process.
    /// - Parameter name: of this start, for its files.
    func run<R: Sendable>(
        _ name: String, _ body: @escaping @Sendable (CloudServer, _ version: String?) async throws -> R
    ) async throws -> R {
        let files = try await NIOThreadPool.singleton.runIfActive { try ServerFiles(directory: folder + "/pki") }
        let port = try await Self.freePort()
        let (file, log) = (folder + "/\(name).conf", folder + "/\(name).log")
        try Self.configuration(port: port, files).write(toFile: file, atomically: true, encoding: .utf8)
        let companion = Companion(
            program: program, arguments: ["-c", file], input: "", logFile: log, readyFile: log, readyText: " running")
        return try await companion.run {
            // Only the MQTT door is ever used.
            let cloud = try Cloud(
                openAPI: "https://127.0.0.1", registration: nil, mqttHost: "127.0.0.1", mqttPort: port,
                caFile: files.caFile)
            return try await body(
                CloudServer(cloud: cloud, childContaining: file), Self.version(in: BenchMachine.text(log)))
        }
    }

    /// The version in the log's line `TIME: mosquitto version 2.0.11 starting`.
    static func version(in log: String) -> String? {
        let words = log.split(whereSeparator: \.isWhitespace)
        guard let at = words.firstIndex(of: "version"), at + 1 < words.endIndex else { return nil }
        return String(words[at + 1])
    }

    /// Connections are not logged, as the stand-in does not log them, and small packets go at once, as NIO sends them.
    static func configuration(port: Int, _ files: ServerFiles) -> String {
        """
        listener \(port) 127.0.0.1
        certfile \(files.chainFile)
        keyfile \(files.keyFile)
        allow_anonymous true
        persistence false
        connection_messages false
        set_tcp_nodelay true
        user root

        """
    }

    /// A port of loopback that nobody listens on; somebody may take it until it is used.
    private static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close()
        return port
    }
}

import Foundation
public import Logging
import MQTT
import NIOPosix
import NIOSSL

/// A stand-in for Alibaba Cloud IoT Platform at the wire: OpenAPI over HTTP and HTTPS, dynamic registration over HTTPS
/// and MQTT, device connections, its own certificate authority, and a door by which it is driven.
///
/// It follows the platform's documentation and what its SDKs need; the station's code reaches it by URL and CA like the
/// real one. It may run in a process of its own (`station simulate cloud`) or inside a test.
public struct CloudStandIn: Sendable {
    public let configuration: CloudConfiguration
    private let logger: Logger

    /// - Parameter logger: takes the stand-in's own log, with the true reasons of refusals and never a secret.
    public init(configuration: CloudConfiguration, logger: Logger = Logger(label: "cloud")) {
        (self.configuration, self.logger) = (configuration, logger)
    }

    /// Opens all doors, calls `onReady` once, and serves until the task is cancelled; then returns at once, with open
    /// connections cut and the state written.
    /// - Throws: ``CloudConfigurationError`` for a contradiction, ``CloudStandInError`` for a port or file that cannot
    ///   be had, or what `onReady` throws.
    public func run(onReady: @escaping @Sendable (ReadyFile) async throws -> Void) async throws {
        let contradictions = configuration.contradictions()
        guard contradictions.isEmpty else { throw CloudConfigurationError(problems: contradictions) }
        let state = try CloudState(configuration: configuration, logger: logger)
        let temporary = NSTemporaryDirectory() + "/station-cloud-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: temporary) }
        let pki = configuration.pki.directory ?? temporary
        let listen = configuration.listen
        let usesTLS = [listen.openAPIHTTPS, listen.registrationHTTPS, listen.mqttTLS].contains { $0 != nil }
        var names = configuration.pki.names
        if !["0.0.0.0", "::"].contains(listen.host) { names.append(listen.host) }
        let allNames = names
        let tls =
            usesTLS
            ? try await NIOThreadPool.singleton.runIfActive {
                try CertificateAuthority(directory: pki).issue(names: allNames).tlsConfiguration()
            } : nil
        try await state.commit()
        let result: Result<Void, any Error>
        let worker = BatchWorker(state: state, logger: logger)
        do {
            let authority = CertificateAuthority.certificatePath(in: pki)
            try await serve(doors(state, tls), beside: worker, caFile: usesTLS ? authority : nil, onReady)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        do { try await state.flush() } catch { logger.error("state not written: \(error)") }
        try result.get()
    }

    /// One listening port: its key in `[listen]` and what serves it.
    private struct Door: Sendable {
        let name: String
        let serve: @Sendable (_ onListening: @escaping @Sendable (Int) -> Void) async throws -> Void
    }

    private func doors(_ state: CloudState, _ tls: TLSConfiguration?) throws -> [Door] {
        let (listen, behaviour) = (configuration.listen, configuration.behaviour)
        let faults = FaultSwitches(outageSeconds: behaviour.outageSeconds)
        let calls = CallFaults()
        let openAPI = OpenAPIEndpoint(
            state: state, faults: faults, calls: calls, ledger: CallLedger(),
            accessKeys: Dictionary(configuration.accessKeys.map { ($0.id, $0.secret) }, uniquingKeysWith: { $1 }),
            limitsCalls: behaviour.qpsLimits, logger: logger)
        let registration = RegistrationEndpoint(state: state, faults: faults, calls: calls, logger: logger)
        let admin = AdminEndpoint(state: state, faults: faults, calls: calls)
        let gateway = DeviceGateway(
            state: state, faults: faults, calls: calls, behaviour: behaviour, logger: logger)
        let deadline = Duration.seconds(behaviour.handshakeDeadlineSeconds)
        func web(
            _ name: String, _ port: Int?, host: String? = nil, tls: TLSConfiguration? = nil, maximumBody: Int? = nil,
            _ respond: @escaping @Sendable (WebRequest) async -> WebAnswer
        ) -> Door? {
            guard let port else { return nil }
            var server = WebServer(
                name: name, host: host ?? listen.host, port: port, tls: tls, handshakeDeadline: deadline,
                respond: respond)
            server.maximumBody = maximumBody ?? server.maximumBody
            let opened = server
            return Door(name: name) { onListening in try await opened.run(onListening: onListening) }
        }
        func mqtt(_ name: String, _ port: Int?, tls: NIOSSLContext?) -> Door? {
            guard let port else { return nil }
            var listener = Listener(
                host: listen.host, port: port, tls: tls, handshakeDeadline: deadline,
                maximumConnections: behaviour.mqttConnections)
            listener.logger = logger
            let opened = listener
            return Door(name: name) { onListening in
                do {
                    try await opened.run(onListening: onListening) { peer in await gateway.serve(peer) }
                } catch {
                    guard !Task.isCancelled else { return }
                    throw CloudStandInError(
                        code: .listen,
                        sentence: "\(name) cannot serve on \(opened.host):\(port): \(error); is the port in use?")
                }
            }
        }
        let context = try listen.mqttTLS == nil ? nil : tls.map { try NIOSSLContext(configuration: $0) }
        return [
            web("openapi_http", listen.openAPIHTTP, maximumBody: WebServer.largestBatch) { await openAPI.answer($0) },
            web("openapi_https", listen.openAPIHTTPS, tls: tls, maximumBody: WebServer.largestBatch) {
                await openAPI.answer($0)
            },
            web("registration_https", listen.registrationHTTPS, tls: tls) { await registration.answer($0) },
            mqtt("mqtt_tls", listen.mqttTLS, tls: context),
            mqtt("mqtt_tcp", listen.mqttTCP, tls: nil),
            web("admin", listen.admin, host: "127.0.0.1") { await admin.answer($0) },
        ].compactMap(\.self)
    }

    /// Runs all doors; the first that fails, or the end of the task, ends them all.
    private func serve(
        _ doors: [Door], beside worker: BatchWorker, caFile: String?,
        _ onReady: @escaping @Sendable (ReadyFile) async throws -> Void
    ) async throws {
        let (opened, report) = AsyncStream.makeStream(of: (String, Int).self)
        let host = ["0.0.0.0", "::"].contains(configuration.listen.host) ? "127.0.0.1" : configuration.listen.host
        try await withThrowingTaskGroup(of: Void.self) { group in
            for door in doors {
                group.addTask { try await door.serve { port in report.yield((door.name, port)) } }
            }
            group.addTask { await worker.run() }
            group.addTask {
                var ports: [String: Int] = [:]
                for await (name, port) in opened {
                    ports[name] = port
                    guard ports.count == doors.count else { continue }
                    try await onReady(Self.ready(ports, host: host, caFile: caFile))
                    logger.notice("ready on \(ports.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })")
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static func ready(_ ports: [String: Int], host: String, caFile: String?) -> ReadyFile {
        let name = host.contains(":") ? "[\(host)]" : host
        func url(_ scheme: String, _ door: String, host: String = name) -> String? {
            ports[door].map { "\(scheme)://\(host):\($0)" }
        }
        return ReadyFile(
            openapi: url("http", "openapi_http"), openapiTLS: url("https", "openapi_https"),
            registration: url("https", "registration_https"), admin: url("http", "admin", host: "127.0.0.1"),
            mqttTLS: ports["mqtt_tls"].map { "\(name):\($0)" }, mqttTCP: ports["mqtt_tcp"].map { "\(name):\($0)" },
            caFile: caFile.map { URL(fileURLWithPath: $0).standardizedFileURL.path })
    }
}

import Glibc
import Locking
import NIOCore
import NIOPosix
import NIOSSL
import WebServing

/// A TCP port of this machine before one of the stand-in's TLS ports: passes bytes on as they are, until a fault is set.
///
/// Setting or taking back a fault cuts all its connections, so that none from before outlives the change.
public struct WireGate: Sendable {
    /// Where the gate listens: `127.0.0.1` and any free port, the same as long as it lives.
    public let port: Int
    private let upstream: (host: String, port: Int)
    private let certificates: WireCertificates
    private let changes: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)
    private let state: Locked<State>

    private struct State {
        var fault: WireFault?
        /// How often the fault was set, and up to which time the gate has followed.
        var wanted = 0
        var reached = -1
        /// Bound and not listening: it refuses connections, and the port stays this gate's own.
        var reserved: Int32?
    }

    /// Reserves the port; ``run()`` serves it.
    /// - Parameters:
    ///   - address: `HOST:PORT` of the stand-in's door.
    ///   - certificates: what the gate shows where a fault is one of the certificate; see ``WireCertificates``.
    /// - Throws: ``CloudStandInError`` where there is no port to be had.
    public init(to address: String, certificates: WireCertificates) throws {
        let end = address.lastIndex(of: ":") ?? address.endIndex
        guard let target = Int(address[end...].dropFirst()) else {
            throw CloudStandInError(code: .listen, sentence: "\(address) is no HOST:PORT")
        }
        upstream = (String(address[..<end]), target)
        self.certificates = certificates
        changes = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let (socket, port) = try Self.reserve(port: 0)
        state = Locked(State(reserved: socket))
        self.port = port
    }

    /// Sets the fault, nil takes it back; returns when it holds. Waits for ever where ``run()`` does not run.
    public func set(_ fault: WireFault?) async throws {
        let wanted = state.withLock { state in
            state.fault = fault
            state.wanted += 1
            return state.wanted
        }
        changes.continuation.yield()
        while state.withLock({ $0.reached < wanted }) { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Serves until the task is cancelled.
    public func run() async throws {
        defer { if let socket = state.withLock({ $0.reserved.take() }) { close(socket) } }
        while !Task.isCancelled {
            let (fault, wanted) = state.withLock { ($0.fault, $0.wanted) }
            let connections = OpenConnections()
            let server = fault == .refused ? nil : try await listen(fault, connections)
            state.withLock { $0.reached = wanted }
            for await _ in changes.stream { break }
            try? await server?.close().get()
            connections.closeAll()
            if server != nil {
                let socket = try Self.reserve(port: port).socket
                state.withLock { $0.reserved = socket }
            }
        }
    }

    private func listen(_ fault: WireFault?, _ connections: OpenConnections) async throws -> (any Channel)? {
        guard let socket = state.withLock({ $0.reserved.take() }) else { return nil }
        let (certificate, upstream) = (fault.flatMap { certificates.contexts[$0] }, upstream)
        return try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.autoRead, value: fault?.answersItself == true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let certificate { try pipeline.addHandler(NIOSSLServerHandler(context: certificate)) }
                    try pipeline.addHandler(ConnectionTracker(connections))
                    try pipeline.addHandler(GatePassage(to: upstream, fault: fault, connections))
                }
            }
            .withBoundSocket(socket).get()
    }

    // MARK: - Making

    /// A socket that is bound to the port and does not listen.
    private static func reserve(port: Int) throws -> (socket: Int32, port: Int) {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutableBytes(of: &address) { bytes -> Bool in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
        }
        guard socket >= 0, isBound else {
            let problem = String(cString: strerror(errno))
            if socket >= 0 { close(socket) }
            throw CloudStandInError(code: .listen, sentence: "the gate has no port \(port): \(problem)")
        }
        return (socket, Int(UInt16(bigEndian: address.sin_port)))
    }
}

extension WireFault {
    /// Whether the gate keeps the connection to itself instead of passing it on.
    fileprivate var answersItself: Bool {
        switch self {
        case .halfOpen, .wrongAuthority, .expired, .notYetValid, .otherName, .closed, .refused: true
        case .cutHandshake, .corrupt, .deaf: false
        }
    }
}

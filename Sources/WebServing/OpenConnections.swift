import Locking
public import NIOCore
import NIOSSL

/// The open connections of one web server, so that its end is not delayed by a client that keeps one open.
public final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let state = Locked(State())

    public init() {}

    /// Takes a connection in; after ``closeAll()`` it is cut at once.
    public func add(_ channel: any Channel) {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.channels[ObjectIdentifier(channel)] = channel }
            return state.isClosed
        }
        if isClosed { Self.cut(channel) }
    }

    public func remove(_ channel: any Channel) {
        state.withLock { state in _ = state.channels.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Cuts every connection, now and from now on.
    public func closeAll() {
        let channels = state.withLock { state in
            defer { state.channels = [:] }
            state.isClosed = true
            return Array(state.channels.values)
        }
        for channel in channels { Self.cut(channel) }
    }

    /// Closes below TLS: a TLS close waits up to five seconds for the peer's answer.
    public static func cut(_ channel: any Channel) {
        channel.eventLoop.execute {
            let pipeline = channel.pipeline.syncOperations
            if let tls = try? pipeline.context(handlerType: NIOSSLServerHandler.self) {
                tls.close(promise: nil)
            } else {
                channel.close(promise: nil)
            }
        }
    }
}

import Locking
import Logging
import NIOCore

/// The open connections of one listener: bounds their number and closes them at the end.
final class PeerRegistry: Sendable {
    private let maximum: Int
    private let channels = Locked<[ObjectIdentifier: any Channel]>([:])

    init(maximum: Int) { self.maximum = maximum }

    /// Takes a channel until it closes; false if there are too many.
    func admit(_ channel: any Channel) -> Bool {
        let key = ObjectIdentifier(channel)
        let isAdmitted = channels.withLock { open in
            guard open.count < maximum else { return false }
            open[key] = channel
            return true
        }
        if isAdmitted {
            channel.closeFuture.whenComplete { _ in self.channels.withLock { _ = $0.removeValue(forKey: key) } }
        }
        return isAdmitted
    }

    func closeAll() {
        for channel in channels.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }
}

/// Keeps the accept loop alive when one accept fails, for want of file descriptors for instance.
final class AcceptErrorHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let logger: Logger?

    init(logger: Logger?) { self.logger = logger }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger?.warning("MQTT listener could not accept a connection: \(error)")
    }
}

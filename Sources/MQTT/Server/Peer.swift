import NIOCore

/// One client that has said CONNECT to a ``Listener``. Valid until the handler returns; usable from any task.
public struct Peer: Sendable {
    public let connect: Packet.Connect
    public let isTLS: Bool
    /// "address:port", for logs.
    public let remoteAddress: String
    /// Every packet behind CONNECT, PINGREQ and DISCONNECT included. For one reader.
    public let inbound: Inbound

    private let channel: any Channel

    init(connect: Packet.Connect, isTLS: Bool, channel: any Channel, inbound: Inbound) {
        self.connect = connect
        self.isTLS = isTLS
        self.channel = channel
        self.inbound = inbound
        let address = channel.remoteAddress
        remoteAddress = "\(address?.ipAddress ?? "unknown"):\(address?.port ?? 0)"
    }

    /// Sends one packet; returns when the system has taken its bytes, so a slow peer holds its sender back.
    ///
    /// - Throws: ``WireError`` for a packet without a legal form, ``ConnectionError`` `.closed` when the peer is gone.
    public func send(_ packet: Packet) async throws {
        var bytes = ByteBuffer()
        try packet.encode(into: &bytes)
        do {
            try await channel.writeAndFlush(packet)
        } catch {
            throw ConnectionError(.closed, "\(remoteAddress) is gone; \(packet.name) was not sent.")
        }
    }

    /// Closes the connection; ``inbound`` ends.
    public func close() { channel.close(promise: nil) }

    /// The packets of one peer, in order; ends when the connection does, whatever the reason.
    ///
    /// A reader that is 64 packets behind stops the peer: nothing more is read from its socket until there is room.
    public struct Inbound: AsyncSequence, Sendable {
        public typealias Element = Packet
        public typealias Failure = Never

        typealias Producer = NIOAsyncSequenceProducer<
            Packet, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, PeerGate.ReadDelegate
        >
        let sequence: Producer

        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: sequence.makeAsyncIterator()) }

        public struct AsyncIterator: AsyncIteratorProtocol {
            let base: Producer.AsyncIterator

            public func next() async -> Packet? { await base.next() }
        }
    }
}

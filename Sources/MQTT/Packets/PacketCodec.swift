import NIOCore

/// Cuts the byte stream into packets inside a channel's pipeline; memory is bounded by `maximumLength`.
struct PacketDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = Packet

    let maximumLength: Int

    mutating func decode(buffer: inout ByteBuffer) throws -> Packet? {
        try Packet.decode(&buffer, maxLength: maximumLength)
    }

    /// At the end of the stream half a packet is thrown away: the peer is gone and cannot be answered.
    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> Packet? {
        let packet = try Packet.decode(&buffer, maxLength: maximumLength)
        if packet == nil { buffer.clear() }
        return packet
    }
}

/// Turns packets into bytes inside a channel's pipeline.
struct PacketEncoder: MessageToByteEncoder {
    typealias OutboundIn = Packet

    func encode(data: Packet, out: inout ByteBuffer) throws { try data.encode(into: &out) }
}

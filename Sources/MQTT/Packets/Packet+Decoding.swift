public import NIOCore

extension Packet {
    /// Longest packet a peer may send if nothing else is asked for: the platform's own message limit, 256 KiB.
    public static let defaultMaximumLength = 262_144

    /// Reads one packet if `buffer` holds a whole one; otherwise returns nil and leaves `buffer` as it was.
    ///
    /// - Parameter maxLength: largest remaining length accepted, in bytes; a longer one is refused from its header
    ///   alone, before its body has arrived.
    /// - Throws: ``WireError``; the connection must then be closed [MQTT-4.8.0-1].
    public static func decode(
        _ buffer: inout ByteBuffer, maxLength: Int = Packet.defaultMaximumLength
    ) throws(WireError) -> Packet? {
        let start = buffer.readerIndex
        guard let head: UInt8 = buffer.readInteger() else { return nil }
        guard let length = try readRemainingLength(&buffer) else {
            buffer.moveReaderIndex(to: start)
            return nil
        }
        guard length <= maxLength else {
            throw WireError(.tooLarge, "a packet of \(length) bytes, at most \(maxLength) are accepted")
        }
        guard let slice = buffer.readSlice(length: length) else {
            buffer.moveReaderIndex(to: start)
            return nil
        }
        var body = PacketReader(buffer: slice)
        let packet = try decodeBody(type: head >> 4, flags: head & 0x0F, &body)
        try body.end()
        return packet
    }

    /// One to four bytes, seven bits each, lowest first (2.2.3); nil if the last one has not arrived.
    private static func readRemainingLength(_ buffer: inout ByteBuffer) throws(WireError) -> Int? {
        var length = 0
        for shift in stride(from: 0, through: 21, by: 7) {
            guard let byte: UInt8 = buffer.readInteger() else { return nil }
            length |= Int(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return length }
        }
        throw WireError(.badLength, "a remaining length of more than four bytes")
    }

    private static func decodeBody(type: UInt8, flags: UInt8, _ body: inout PacketReader) throws(WireError) -> Packet {
        // SUBSCRIBE and UNSUBSCRIBE carry 0010 [MQTT-3.8.1-1, -3.10.1-1], PUBLISH its own bits, all others 0 (2.2.2).
        let reserved: UInt8 = type == 8 || type == 10 ? 2 : 0
        guard type == 3 || flags == reserved || !(1...14).contains(type) else {
            throw WireError(.badFlags, "packet type \(type) with header flags \(flags), expected \(reserved)")
        }
        switch type {
        case 1: return .connect(try Connect(&body))
        case 2: return try connack(&body)
        case 3: return .publish(try Publish(flags: flags, &body))
        case 4: return .puback(id: try body.identifier())
        case 8: return try subscribe(&body)
        case 9: return try suback(&body)
        case 10: return try unsubscribe(&body)
        case 11: return .unsuback(id: try body.identifier())
        case 12: return .pingreq
        case 13: return .pingresp
        case 14: return .disconnect
        case 5, 6, 7: throw WireError(.unknownType, "packet type \(type) belongs to QoS 2, which is not offered")
        default: throw WireError(.unknownType, "packet type \(type), expected 1 to 14")
        }
    }

    private static func connack(_ body: inout PacketReader) throws(WireError) -> Packet {
        let flags = try body.byte()
        let code = try body.byte()
        guard flags & 0xFE == 0 else { throw WireError(.badFlags, "CONNACK flags \(flags), expected 0 or 1") }
        guard code <= 5 else { throw WireError(.badCode, "CONNACK code \(code), expected 0 to 5") }
        guard code == 0 || flags == 0 else {
            throw WireError(.badFlags, "CONNACK refuses with session present [MQTT-3.2.2-4]")
        }
        return .connack(sessionPresent: flags == 1, code: code)
    }

    private static func subscribe(_ body: inout PacketReader) throws(WireError) -> Packet {
        let id = try body.identifier()
        var lines: [Subscription] = []
        while !body.isAtEnd {
            let filter = try body.filter()
            let wanted = try body.byte()
            guard wanted <= 2 else { throw WireError(.badQoS, "SUBSCRIBE asks for QoS \(wanted) [MQTT-3-8.3-4]") }
            lines.append(Subscription(filter: filter, qos: QoS(rawValue: wanted) ?? .atLeastOnce))
        }
        guard !lines.isEmpty else { throw WireError(.empty, "SUBSCRIBE without a filter [MQTT-3.8.3-3]") }
        return .subscribe(id: id, lines)
    }

    private static func suback(_ body: inout PacketReader) throws(WireError) -> Packet {
        let id = try body.identifier()
        let codes = body.rest()
        guard !codes.isEmpty else { throw WireError(.empty, "SUBACK without a return code") }
        for code in codes where code > 2 && code != 0x80 {
            throw WireError(.badCode, "SUBACK code \(code), expected 0, 1, 2 or 128 [MQTT-3.9.3-2]")
        }
        return .suback(id: id, codes: codes)
    }

    private static func unsubscribe(_ body: inout PacketReader) throws(WireError) -> Packet {
        let id = try body.identifier()
        var filters: [String] = []
        while !body.isAtEnd { filters.append(try body.filter()) }
        guard !filters.isEmpty else { throw WireError(.empty, "UNSUBSCRIBE without a filter [MQTT-3.10.3-2]") }
        return .unsubscribe(id: id, filters: filters)
    }
}

extension Packet.Publish {
    fileprivate init(flags: UInt8, _ body: inout PacketReader) throws(WireError) {
        guard let qos = QoS(rawValue: (flags >> 1) & 3) else {
            throw WireError(.badQoS, "PUBLISH at QoS \((flags >> 1) & 3), expected 0 or 1")
        }
        let duplicate = flags & 8 != 0
        guard qos != .atMostOnce || !duplicate else {
            throw WireError(.badFlags, "PUBLISH at QoS 0 marked as duplicate [MQTT-3.3.1-2]")
        }
        let topic = try body.string()
        guard Topic.isName(topic) else {
            throw WireError(.badTopic, "PUBLISH to an empty topic or one with wildcards [MQTT-3.3.2-2]")
        }
        let id: UInt16? = qos == .atLeastOnce ? try body.identifier() : nil
        self.init(
            topic: topic, payload: body.restAsBuffer(), qos: qos, retain: flags & 1 != 0, duplicate: duplicate, id: id)
    }
}

extension Packet.Connect {
    fileprivate init(_ body: inout PacketReader) throws(WireError) {
        let name = try body.string()
        guard name == "MQTT" || name == "MQIsdp" else {
            throw WireError(.badProtocol, "protocol name of \(name.utf8.count) bytes, expected MQTT [MQTT-3.1.2-1]")
        }
        let level = try body.byte()
        guard name == "MQTT", level == 4 else { throw WireError(.badLevel, "protocol level \(level), expected 4") }
        let flags = try body.byte()
        guard flags & 1 == 0 else { throw WireError(.badFlags, "CONNECT's reserved flag is set [MQTT-3.1.2-3]") }
        let keepAlive = try body.integer()
        self.init(clientID: try body.string(), cleanSession: flags & 2 != 0, keepAlive: keepAlive)
        let willQoS = (flags >> 3) & 3
        if flags & 4 != 0 {
            guard let qos = QoS(rawValue: willQoS) else {
                throw WireError(.badQoS, "a will at QoS \(willQoS), expected 0 or 1 [MQTT-3.1.2-14]")
            }
            let topic = try body.string()
            guard Topic.isName(topic) else { throw WireError(.badTopic, "a will to an empty or wildcard topic") }
            will = Packet.Publish(topic: topic, payload: try body.block(), qos: qos, retain: flags & 0x20 != 0)
        } else if flags & 0x38 != 0 {
            throw WireError(.badFlags, "will QoS or retain without a will [MQTT-3.1.2-13, -15]")
        }
        if flags & 0x80 != 0 { username = try body.string() }
        if flags & 0x40 != 0 {
            guard username != nil else {
                throw WireError(.badFlags, "a password without a user name [MQTT-3.1.2-22]")
            }
            password = try body.block()
        }
    }
}

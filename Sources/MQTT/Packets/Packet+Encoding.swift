public import NIOCore

extension Packet {
    /// Appends the packet's bytes to `out`; on an error `out` is as it was.
    ///
    /// - Throws: ``WireError`` for what has no legal form: strings over 65,535 bytes or with U+0000, a wildcard in a
    ///   topic, QoS 1 without a packet identifier, an empty list, a remaining length over 268,435,455.
    public func encode(into out: inout ByteBuffer) throws(WireError) {
        var body = PacketWriter()
        let head = try encodeBody(&body)
        var length = body.bytes.readableBytes
        guard length <= 268_435_455 else {
            throw WireError(.badLength, "a packet of \(length) bytes, at most 268435455 can be sent")
        }
        out.writeInteger(head)
        repeat {
            let digit = UInt8(length & 0x7F)
            length >>= 7
            out.writeInteger(length > 0 ? digit | 0x80 : digit)
        } while length > 0
        out.writeBuffer(&body.bytes)
    }

    /// Writes everything behind the fixed header and returns the header's first byte.
    private func encodeBody(_ body: inout PacketWriter) throws(WireError) -> UInt8 {
        switch self {
        case .connect(let connect):
            try connect.encode(&body)
            return 0x10
        case .connack(let sessionPresent, let code):
            // A refusal never carries a session [MQTT-3.2.2-4].
            body.byte(sessionPresent && code == 0 ? 1 : 0)
            body.byte(code)
            return 0x20
        case .publish(let publish):
            try publish.encode(&body)
            let duplicate: UInt8 = publish.duplicate && publish.qos != .atMostOnce ? 8 : 0
            return 0x30 | duplicate | (publish.qos.rawValue << 1) | (publish.retain ? 1 : 0)
        case .puback(let id):
            try body.identifier(id)
            return 0x40
        case .subscribe(let id, let lines):
            guard !lines.isEmpty else { throw WireError(.empty, "SUBSCRIBE without a filter [MQTT-3.8.3-3]") }
            try body.identifier(id)
            for line in lines {
                try body.filter(line.filter)
                body.byte(line.qos.rawValue)
            }
            return 0x82
        case .suback(let id, let codes):
            try body.identifier(id)
            for code in codes { body.byte(code) }
            return 0x90
        case .unsubscribe(let id, let filters):
            guard !filters.isEmpty else { throw WireError(.empty, "UNSUBSCRIBE without a filter [MQTT-3.10.3-2]") }
            try body.identifier(id)
            for filter in filters { try body.filter(filter) }
            return 0xA2
        case .unsuback(let id):
            try body.identifier(id)
            return 0xB0
        case .pingreq: return 0xC0
        case .pingresp: return 0xD0
        case .disconnect: return 0xE0
        }
    }
}

extension Packet.Publish {
    fileprivate func encode(_ body: inout PacketWriter) throws(WireError) {
        try body.topic(topic)
        switch (qos, id) {
        case (.atLeastOnce, let id?): try body.identifier(id)
        case (.atMostOnce, nil): break
        default:
            throw WireError(.badIdentifier, "QoS 1 needs a packet identifier and QoS 0 has none [MQTT-2.3.1-1, -5]")
        }
        body.bytes.writeImmutableBuffer(payload)
    }
}

extension Packet.Connect {
    fileprivate func encode(_ body: inout PacketWriter) throws(WireError) {
        guard password == nil || username != nil else {
            throw WireError(.badFlags, "a password without a user name [MQTT-3.1.2-22]")
        }
        try body.string("MQTT")
        body.byte(4)
        var flags: UInt8 = cleanSession ? 2 : 0
        if let will { flags |= 4 | (will.qos.rawValue << 3) | (will.retain ? 0x20 : 0) }
        if username != nil { flags |= 0x80 }
        if password != nil { flags |= 0x40 }
        body.byte(flags)
        body.bytes.writeInteger(keepAlive)
        try body.string(clientID)
        if let will {
            try body.topic(will.topic)
            try body.block(will.payload)
        }
        if let username { try body.string(username) }
        if let password { try body.block(password) }
    }
}

/// Writes the fields of one packet's body, refusing what has no legal form.
struct PacketWriter {
    var bytes = ByteBuffer()

    mutating func byte(_ value: UInt8) { bytes.writeInteger(value) }

    mutating func identifier(_ id: UInt16) throws(WireError) {
        guard id != 0 else { throw WireError(.badIdentifier, "packet identifier 0, expected 1 to 65535") }
        bytes.writeInteger(id)
    }

    mutating func string(_ text: String) throws(WireError) {
        guard let length = UInt16(exactly: text.utf8.count) else {
            throw WireError(.badString, "a string of \(text.utf8.count) bytes, at most 65535 can be sent")
        }
        guard !text.utf8.contains(0) else { throw WireError(.badString, "a string with U+0000 [MQTT-1.5.3-2]") }
        bytes.writeInteger(length)
        bytes.writeString(text)
    }

    mutating func block(_ block: ByteBuffer) throws(WireError) {
        guard let length = UInt16(exactly: block.readableBytes) else {
            throw WireError(.badString, "a field of \(block.readableBytes) bytes, at most 65535 can be sent")
        }
        bytes.writeInteger(length)
        bytes.writeImmutableBuffer(block)
    }

    mutating func topic(_ topic: String) throws(WireError) {
        guard Topic.isName(topic) else {
            throw WireError(.badTopic, "\"\(topic)\" is empty or has wildcards [MQTT-3.3.2-2]")
        }
        try string(topic)
    }

    mutating func filter(_ filter: String) throws(WireError) {
        guard Topic.isFilter(filter) else {
            throw WireError(.badTopic, "\"\(filter)\" is empty or has misplaced wildcards [MQTT-4.7.1-2, -3]")
        }
        try string(filter)
    }
}

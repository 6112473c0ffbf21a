import MQTT
import NIOCore
import Testing

@Suite("MQTT packets on the wire")
struct PacketTests {
    /// One of each type and variant that can be sent, with the bytes the standard prescribes where they are short.
    static let samples: [(Packet, [UInt8]?)] = [
        (.connect(.init(clientID: "")), [0x10, 12, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 0]),
        (
            .connect(
                .init(
                    clientID: "pk.dn|securemode=2,signmethod=hmacsha256|", cleanSession: false, keepAlive: 65535,
                    username: "dn&pk", password: ByteBuffer(string: "0123456789ABCDEF"),
                    will: .init(
                        topic: "gone", payload: ByteBuffer(bytes: [0, 255]), qos: .atLeastOnce, retain: true))), nil
        ),
        (.connect(.init(clientID: "a", keepAlive: 0, username: "u")), nil),
        (.connack(sessionPresent: true, code: 0), [0x20, 2, 1, 0]),
        (.connack(sessionPresent: false, code: 5), [0x20, 2, 0, 5]),
        (.publish(.init(topic: "a/b", payload: ByteBuffer(string: "x"))), [0x30, 6, 0, 3, 97, 47, 98, 120]),
        (
            .publish(
                .init(
                    topic: "温度/°C", payload: ByteBuffer(), qos: .atLeastOnce, retain: true, duplicate: true, id: 65535)),
            nil
        ),
        (.publish(.init(topic: "long", payload: ByteBuffer(repeating: 7, count: 130))), nil),
        (.publish(.init(topic: "longer", payload: ByteBuffer(repeating: 7, count: 20_000))), nil),
        (.puback(id: 1), [0x40, 2, 0, 1]),
        (.subscribe(id: 258, [.init(filter: "a/+/#", qos: .atLeastOnce), .init(filter: "#", qos: .atMostOnce)]), nil),
        (.suback(id: 2, codes: [0, 1, 0x80]), [0x90, 5, 0, 2, 0, 1, 0x80]),
        (.unsubscribe(id: 3, filters: ["a", "b/+"]), nil),
        (.unsuback(id: 4), [0xB0, 2, 0, 4]),
        (.pingreq, [0xC0, 0]),
        (.pingresp, [0xD0, 0]),
        (.disconnect, [0xE0, 0]),
    ]

    @Test("every packet comes back as it was sent, in the bytes of the standard", arguments: samples)
    func roundTrip(_ packet: Packet, _ bytes: [UInt8]?) throws {
        var buffer = ByteBuffer()
        try packet.encode(into: &buffer)
        if let bytes { #expect(Array(buffer.readableBytesView) == bytes) }
        #expect(try Packet.decode(&buffer) == packet)
        #expect(buffer.readableBytes == 0)
    }

    @Test("cut at every byte, a packet is waited for and nothing is taken from the buffer", arguments: samples)
    func cutAtEveryByte(_ packet: Packet, _: [UInt8]?) throws {
        var whole = ByteBuffer()
        try packet.encode(into: &whole)
        for count in 0..<whole.readableBytes {
            var part = try #require(whole.getSlice(at: 0, length: count))
            #expect(try Packet.decode(&part) == nil)
            #expect(part.readerIndex == 0 && part.readableBytes == count)
        }
    }

    @Test("packets that follow each other without a gap are told apart")
    func concatenated() throws {
        var buffer = ByteBuffer()
        for (packet, _) in Self.samples { try packet.encode(into: &buffer) }
        for (packet, _) in Self.samples { #expect(try Packet.decode(&buffer) == packet) }
        #expect(try Packet.decode(&buffer) == nil)
    }

    @Test(
        "the remaining length changes its size where the standard says (2.2.3)",
        arguments: [(127, 1), (128, 2), (16_383, 2), (16_384, 3), (2_097_151, 3), (2_097_152, 4)])
    func remainingLength(_ length: Int, _ bytes: Int) throws {
        let packet = Packet.publish(.init(topic: "t", payload: ByteBuffer(repeating: 0, count: length - 3)))
        var buffer = ByteBuffer()
        try packet.encode(into: &buffer)
        #expect(buffer.readableBytes == 1 + bytes + length)
        #expect(try Packet.decode(&buffer, maxLength: length) == packet)
    }

    @Test("a packet over the limit is refused from its header, before its body has come")
    func tooLarge() throws {
        var buffer = ByteBuffer(bytes: [0x30, 0x80, 0x80, 0x10])
        let error = #expect(throws: WireError.self) { try Packet.decode(&buffer, maxLength: 262_143) }
        #expect(error?.code == .tooLarge)
        buffer = ByteBuffer(bytes: [0x30, 0x80, 0x80, 0x10])
        #expect(try Packet.decode(&buffer, maxLength: 262_144) == nil)
    }

    @Test("a leading byte order mark stays in a string [MQTT-1.5.3-3]")
    func byteOrderMark() throws {
        let packet = Packet.publish(.init(topic: "\u{FEFF}a", payload: ByteBuffer()))
        var buffer = ByteBuffer()
        try packet.encode(into: &buffer)
        #expect(buffer.readableBytes == 2 + 2 + 4)
        #expect(try Packet.decode(&buffer) == packet)
    }

    @Test("what has no legal form is not sent, and leaves the buffer alone")
    func illegal() throws {
        let illegal: [(Packet, WireError.Code)] = [
            (.publish(.init(topic: "a/+", payload: ByteBuffer())), .badTopic),
            (.publish(.init(topic: "", payload: ByteBuffer())), .badTopic),
            (.publish(.init(topic: "a\u{0}", payload: ByteBuffer())), .badString),
            (.publish(.init(topic: String(repeating: "a", count: 65_536), payload: ByteBuffer())), .badString),
            (.publish(.init(topic: "a", payload: ByteBuffer(), qos: .atLeastOnce)), .badIdentifier),
            (.publish(.init(topic: "a", payload: ByteBuffer(), id: 1)), .badIdentifier),
            (.publish(.init(topic: "a", payload: ByteBuffer(), qos: .atLeastOnce, id: 0)), .badIdentifier),
            (.puback(id: 0), .badIdentifier),
            (.subscribe(id: 1, []), .empty),
            (.subscribe(id: 1, [.init(filter: "a#")]), .badTopic),
            (.unsubscribe(id: 1, filters: []), .empty),
            (.connect(.init(clientID: "a", password: ByteBuffer(string: "p"))), .badFlags),
            (
                .connect(.init(clientID: "a", username: "u", password: ByteBuffer(repeating: 0, count: 65_536))),
                .badString
            ),
        ]
        for (packet, code) in illegal {
            var buffer = ByteBuffer(string: "before")
            let error = #expect(throws: WireError.self) { try packet.encode(into: &buffer) }
            #expect(error?.code == code, "\(packet)")
            #expect(String(buffer: buffer) == "before")
        }
    }

    @Test("no text form of a packet shows a password or a payload")
    func secretsStayInside() {
        let secret = "b4f1Secret"
        let connect = Packet.Connect(clientID: "a", username: "u", password: ByteBuffer(string: secret))
        let push = Packet.Publish(topic: "/ext/register", payload: ByteBuffer(string: secret))
        for value in [connect, push, Packet.connect(connect), Packet.publish(push)] as [any Sendable] {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                #expect(!text.contains(secret))
                #expect(!text.contains("62346631"))
            }
        }
    }
}

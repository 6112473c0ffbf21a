import MQTT
import NIOCore
import Testing

@Suite("Malformed MQTT packets")
struct MalformedPacketTests {
    private static func connect(
        name: String = "MQTT", level: UInt8 = 4, flags: UInt8, payload: [UInt8] = [0, 1, 97]
    ) -> [UInt8] {
        let body = [0, UInt8(name.utf8.count)] + Array(name.utf8) + [level, flags, 0, 60] + payload
        return [0x10, UInt8(body.count)] + body
    }

    static let table: [(String, [UInt8], WireError.Code)] = [
        ("type 0 is reserved", [0x00, 0], .unknownType),
        ("type 15 is reserved", [0xF0, 0], .unknownType),
        ("PUBREC belongs to QoS 2", [0x50, 2, 0, 1], .unknownType),
        ("PUBREL belongs to QoS 2", [0x62, 2, 0, 1], .badFlags),
        ("PUBCOMP belongs to QoS 2", [0x70, 2, 0, 1], .unknownType),
        ("a remaining length of five bytes", [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .badLength),
        ("a fourth length byte that goes on", [0x30, 0x80, 0x80, 0x80, 0x80], .badLength),
        ("CONNECT with header flags", [0x11, 0], .badFlags),
        ("CONNECT without a body", [0x10, 0], .truncated),
        ("CONNECT of another protocol", connect(name: "MQTX", flags: 2), .badProtocol),
        ("CONNECT of MQTT 3.1", connect(name: "MQIsdp", level: 3, flags: 2), .badLevel),
        ("CONNECT of MQTT 5", connect(level: 5, flags: 2), .badLevel),
        ("CONNECT with its reserved flag", connect(flags: 3), .badFlags),
        ("will QoS without will", connect(flags: 0x0A), .badFlags),
        ("will retain without will", connect(flags: 0x22), .badFlags),
        ("will at QoS 3", connect(flags: 0x1E, payload: [0, 1, 97, 0, 1, 98, 0, 0]), .badQoS),
        ("will at QoS 2", connect(flags: 0x16, payload: [0, 1, 97, 0, 1, 98, 0, 0]), .badQoS),
        ("will to a wildcard", connect(flags: 0x06, payload: [0, 1, 97, 0, 1, 35, 0, 0]), .badTopic),
        ("password without user name", connect(flags: 0x42, payload: [0, 1, 97, 0, 1, 98]), .badFlags),
        ("CONNECT that ends before its user name", connect(flags: 0x82), .truncated),
        ("CONNECT with bytes behind its end", connect(flags: 2, payload: [0, 1, 97, 0]), .trailingBytes),
        ("a client identifier longer than the packet", connect(flags: 2, payload: [0, 9, 97]), .truncated),
        ("a client identifier that is not UTF-8", connect(flags: 2, payload: [0, 1, 0xFF]), .badString),
        ("a surrogate in a string", connect(flags: 2, payload: [0, 3, 0xED, 0xA0, 0x80]), .badString),
        ("an overlong form in a string", connect(flags: 2, payload: [0, 2, 0xC0, 0x80]), .badString),
        ("U+0000 in a string", connect(flags: 2, payload: [0, 1, 0]), .badString),
        ("CONNACK with reserved flags", [0x20, 2, 2, 0], .badFlags),
        ("CONNACK that refuses with a session", [0x20, 2, 1, 5], .badFlags),
        ("CONNACK with an unknown code", [0x20, 2, 0, 6], .badCode),
        ("CONNACK that is too short", [0x20, 1, 0], .truncated),
        ("CONNACK that is too long", [0x20, 3, 0, 0, 0], .trailingBytes),
        ("PUBLISH at QoS 2", [0x34, 5, 0, 1, 97, 0, 1], .badQoS),
        ("PUBLISH at QoS 3", [0x36, 5, 0, 1, 97, 0, 1], .badQoS),
        ("PUBLISH at QoS 0 as duplicate", [0x38, 3, 0, 1, 97], .badFlags),
        ("PUBLISH to an empty topic", [0x30, 2, 0, 0], .badTopic),
        ("PUBLISH to a wildcard", [0x30, 3, 0, 1, 43], .badTopic),
        ("PUBLISH without a topic", [0x30, 0], .truncated),
        ("PUBLISH at QoS 1 without identifier", [0x32, 3, 0, 1, 97], .truncated),
        ("PUBLISH with identifier 0", [0x32, 5, 0, 1, 97, 0, 0], .badIdentifier),
        ("PUBACK with header flags", [0x41, 2, 0, 1], .badFlags),
        ("PUBACK for identifier 0", [0x40, 2, 0, 0], .badIdentifier),
        ("PUBACK that is too long", [0x40, 3, 0, 1, 0], .trailingBytes),
        ("SUBSCRIBE without its header flags", [0x80, 6, 0, 1, 0, 1, 97, 0], .badFlags),
        ("SUBSCRIBE without a filter", [0x82, 2, 0, 1], .empty),
        ("SUBSCRIBE for QoS 3", [0x82, 6, 0, 1, 0, 1, 97, 3], .badQoS),
        ("SUBSCRIBE without QoS", [0x82, 5, 0, 1, 0, 1, 97], .truncated),
        ("SUBSCRIBE with # not at the end", [0x82, 8, 0, 1, 0, 3, 35, 47, 97, 0], .badTopic),
        ("SUBSCRIBE with + not alone in its level", [0x82, 7, 0, 1, 0, 2, 97, 43, 0], .badTopic),
        ("SUBSCRIBE to nothing", [0x82, 5, 0, 1, 0, 0, 0], .badTopic),
        ("SUBACK with an unknown code", [0x90, 3, 0, 1, 3], .badCode),
        ("SUBACK without a code", [0x90, 2, 0, 1], .empty),
        ("UNSUBSCRIBE without its header flags", [0xA0, 5, 0, 1, 0, 1, 97], .badFlags),
        ("UNSUBSCRIBE without a filter", [0xA2, 2, 0, 1], .empty),
        ("UNSUBACK for identifier 0", [0xB0, 2, 0, 0], .badIdentifier),
        ("PINGREQ with a body", [0xC0, 1, 0], .trailingBytes),
        ("PINGRESP with header flags", [0xD8, 0], .badFlags),
        ("DISCONNECT with a body", [0xE0, 1, 0], .trailingBytes),
    ]

    @Test("a packet that breaks a rule is refused by its name", arguments: table)
    func refused(_ what: String, _ bytes: [UInt8], _ code: WireError.Code) {
        var buffer = ByteBuffer(bytes: bytes)
        let error = #expect(throws: WireError.self, "\(what)") { try Packet.decode(&buffer) }
        #expect(error?.code == code, "\(what)")
    }

    @Test("any bytes at all give a packet, an error or a wait, and never more than was there")
    func anyBytes() throws {
        var generator = SystemRandomNumberGenerator()
        for (_, bytes, _) in Self.table {
            for position in bytes.indices {
                var garbled = bytes
                garbled[position] = UInt8.random(in: 0...255, using: &generator)
                var buffer = ByteBuffer(bytes: garbled)
                do {
                    if let packet = try Packet.decode(&buffer) {
                        var again = ByteBuffer()
                        try packet.encode(into: &again)
                        #expect(try Packet.decode(&again) == packet)
                    }
                } catch {
                    #expect(!error.sentence.isEmpty)
                }
            }
        }
    }
}

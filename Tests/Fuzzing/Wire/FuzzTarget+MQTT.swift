import MQTT
import NIOCore

extension FuzzTarget {
    /// MQTT packets, as client and listener read them.
    static let mqtt = FuzzTarget("mqtt", limit: 2048, seeds: mqttSeeds) { bytes in
        try Portions.check(bytes) { decoded($0) }
        var buffer = ByteBuffer(bytes: bytes)
        guard let packet = try orRefusal({ () throws(WireError) in try Packet.decode(&buffer, maxLength: 2048) }) ?? nil
        else { return }
        var again = ByteBuffer()
        // A wish for QoS 2 is read as 1: what is written may differ from what came, but not from what was read.
        try packet.encode(into: &again)
        try insist(try Packet.decode(&again), equals: packet, "a packet read again")
        switch packet {
        case .connect(var connect) where connect.password != nil:
            // The same bytes may stand in a name, too, which is printed.
            connect.password = ByteBuffer(string: "another")
            try insist("\(Packet.connect(connect))", equals: "\(packet)", "a packet with another password, printed")
        case .publish(let publish):
            try insist(
                topicMatches(filter: publish.topic, topic: publish.topic) || publish.topic.hasPrefix("$"),
                "a topic that does not fit itself")
        case .subscribe(_, let lines):
            for line in lines { _ = topicMatches(filter: line.filter, topic: "a1Tq7Wn2Xe0/lamp-1/user/get") }
        default: break
        }
    }

    /// The packets up to the end, or to the error that closes the connection.
    private static func decoded(_ portions: [ArraySlice<UInt8>]) -> [String] {
        var buffer = ByteBuffer()
        var found: [String] = []
        for portion in portions {
            buffer.writeBytes(portion)
            do {
                while let packet = try Packet.decode(&buffer, maxLength: 2048) {
                    var bytes = ByteBuffer()
                    try packet.encode(into: &bytes)
                    found.append("\(Array(buffer: bytes))")
                }
            } catch {
                return found + ["\(error)"]
            }
        }
        return found
    }

    private static let mqttSeeds: [[UInt8]] = {
        let packets: [Packet] = [
            .connect(
                .init(
                    clientID: "a1.lamp|securemode=2|", username: "lamp&a1", password: ByteBuffer(string: "hunter2"),
                    will: .init(topic: "w", payload: ByteBuffer(string: "gone")))),
            .connack(sessionPresent: false, code: 0),
            .publish(.init(topic: "/ext/register", payload: ByteBuffer(string: #"{"a":1}"#), qos: .atLeastOnce, id: 7)),
            .puback(id: 7), .subscribe(id: 1, [.init(filter: "a/+/#")]), .suback(id: 1, codes: [1, 0x80]),
            .unsubscribe(id: 2, filters: ["a"]), .unsuback(id: 2), .pingreq, .pingresp, .disconnect,
        ]
        return packets.map { packet in
            var bytes = ByteBuffer()
            guard (try? packet.encode(into: &bytes)) != nil else { return [] }
            return Array(buffer: bytes)
        }
    }()
}

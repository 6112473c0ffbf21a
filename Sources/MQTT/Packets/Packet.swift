public import NIOCore

/// One MQTT 3.1.1 control packet (OASIS MQTT 3.1.1, chapter 3), without the four packets of QoS 2.
///
/// The textual form never shows a password or a payload, because both carry device credentials here.
public enum Packet: Sendable, Equatable {
    /// First packet of a client (3.1).
    case connect(Connect)
    /// Answer to CONNECT: 0 accepted, 1 to 5 refused (3.2.2.3).
    case connack(sessionPresent: Bool, code: UInt8)
    case publish(Publish)
    case puback(id: UInt16)
    case subscribe(id: UInt16, [Subscription])
    /// One code a filter, in order: 0, 1 or 2 = granted QoS, 0x80 = refused (3.9.3).
    case suback(id: UInt16, codes: [UInt8])
    case unsubscribe(id: UInt16, filters: [String])
    case unsuback(id: UInt16)
    case pingreq
    case pingresp
    case disconnect

    /// What a client says of itself in CONNECT (3.1).
    public struct Connect: Sendable, Equatable {
        /// Empty = the server picks a unique one, which needs `cleanSession` [MQTT-3.1.3-6, -7].
        public var clientID: String
        public var cleanSession: Bool
        /// Seconds; 0 = off. The server may close after 1.5 times this span of silence [MQTT-3.1.2-24].
        public var keepAlive: UInt16
        public var username: String?
        /// Needs a user name [MQTT-3.1.2-22]; never shown in a description.
        public var password: ByteBuffer?
        /// Published by the server when the connection ends without DISCONNECT (3.1.2.5).
        public var will: Publish?

        public init(
            clientID: String, cleanSession: Bool = true, keepAlive: UInt16 = 60, username: String? = nil,
            password: ByteBuffer? = nil, will: Publish? = nil
        ) {
            self.clientID = clientID
            self.cleanSession = cleanSession
            self.keepAlive = keepAlive
            self.username = username
            self.password = password
            self.will = will
        }
    }

    /// An application message (3.3).
    public struct Publish: Sendable, Equatable {
        /// 1 to 65,535 bytes of UTF-8 without wildcards [MQTT-3.3.2-2].
        public var topic: String
        public var payload: ByteBuffer
        public var qos: QoS
        public var retain: Bool
        /// Set when it may have been sent before; 0 at QoS 0 [MQTT-3.3.1-2].
        public var duplicate: Bool
        /// Packet identifier: present exactly at QoS 1, never 0 [MQTT-2.3.1-1, -5].
        public var id: UInt16?

        public init(
            topic: String, payload: ByteBuffer, qos: QoS = .atMostOnce, retain: Bool = false, duplicate: Bool = false,
            id: UInt16? = nil
        ) {
            self.topic = topic
            self.payload = payload
            self.qos = qos
            self.retain = retain
            self.duplicate = duplicate
            self.id = id
        }

        /// The payload as text; bytes that are no UTF-8 are replaced.
        public var text: String { String(buffer: payload) }
    }

    /// One line of a SUBSCRIBE (3.8.3).
    public struct Subscription: Sendable, Equatable {
        public var filter: String
        /// Highest QoS wanted; a wish for QoS 2 is read as 1, which a server may grant [MQTT-3.8.4-6].
        public var qos: QoS

        public init(filter: String, qos: QoS = .atLeastOnce) {
            self.filter = filter
            self.qos = qos
        }
    }
}

extension Packet.Connect: CustomStringConvertible, CustomReflectable {
    public var description: String {
        "CONNECT \(clientID) user \(username ?? "none") password \(password == nil ? "none" : "<secret>")"
    }
    public var customMirror: Mirror { Mirror(self, children: ["clientID": clientID, "keepAlive": keepAlive]) }
}

extension Packet.Publish: CustomStringConvertible, CustomReflectable {
    public var description: String { "PUBLISH \(topic) qos \(qos.rawValue) \(payload.readableBytes) bytes" }
    public var customMirror: Mirror { Mirror(self, children: ["topic": topic, "bytes": payload.readableBytes]) }
}

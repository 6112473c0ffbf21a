/// Quality of service of a PUBLISH, and the highest one asked for by a SUBSCRIBE (MQTT 3.1.1, 4.3).
///
/// QoS 2 is left out on purpose: the IoT platform does not offer it, so a PUBLISH at QoS 2 ends the connection.
public enum QoS: UInt8, Sendable, Comparable, CaseIterable {
    /// Sent once, not acknowledged.
    case atMostOnce = 0
    /// Sent until a PUBACK has come; it may arrive twice.
    case atLeastOnce = 1

    public static func < (left: QoS, right: QoS) -> Bool { left.rawValue < right.rawValue }
}

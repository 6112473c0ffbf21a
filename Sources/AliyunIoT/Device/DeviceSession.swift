import Foundation
public import MQTT
import NIOCore
import NIOFoundationCompat

/// A device that is online, for the length of ``DeviceConnection``'s closure. Usable from any task.
public struct DeviceSession: Sendable {
    /// The connection below, for topics of one's own.
    public let connection: Connection

    private let productKey: String
    private let deviceName: String
    private let replies: ReplyBox

    init(connection: Connection, productKey: String, deviceName: String, replies: ReplyBox) {
        self.connection = connection
        self.productKey = productKey
        self.deviceName = deviceName
        self.replies = replies
    }

    /// Reports the firmware's version (`/ota/device/inform`); returns when the cloud has acknowledged the message.
    ///
    /// - Throws: ``MQTT/ConnectionError``, `CancellationError`.
    public func reportFirmware(version: String) async throws {
        let body = VersionReport(id: replies.nextID(), params: .init(version: version))
        try await connection.publish(
            topic: "/ota/device/inform/\(productKey)/\(deviceName)",
            payload: try JSONEncoder().encodeAsByteBuffer(body))
    }

    /// Posts properties (`thing.event.property.post`) and waits for the cloud's reply.
    ///
    /// - Parameters:
    ///   - properties: written as the JSON object `params`; names unknown to the product's model are dropped by the
    ///     cloud although it answers 200.
    ///   - deadline: from here to the reply; a fresh subscription may take up to 10 s to work.
    /// - Throws: ``CloudError``: `.timeout` without a reply, `.unexpected` with the cloud's code in `remoteCode` for one
    ///   other than 200. ``MQTT/ConnectionError``, `CancellationError`.
    public func postProperty(
        _ properties: some Encodable & Sendable, deadline: Duration = .seconds(15)
    ) async throws {
        let topic = "/sys/\(productKey)/\(deviceName)/thing/event/property/post"
        let id = replies.nextID()
        let payload = try JSONEncoder().encodeAsByteBuffer(PropertyPost(id: id, params: properties))
        let connection = connection
        let replies = replies
        let code: Int
        do {
            code = try await withDeadline(deadline) {
                try await connection.subscribe([topic + "_reply"])
                return try await replies.reply(to: id) {
                    try await connection.publish(topic: topic, payload: payload)
                }
            }
        } catch is DeadlinePassed {
            throw CloudError(.timeout, "The cloud did not reply to the property post within \(deadline).")
        }
        guard code == 200 else {
            throw CloudError(
                .unexpected, "The cloud answered the property post with code \(code), expected 200.",
                remoteCode: "\(code)")
        }
    }

    /// Returns when the connection has ended, with the reason.
    public func closed() async throws -> ConnectionError { try await connection.closed() }

    private struct VersionReport: Encodable {
        struct Params: Encodable { let version: String }
        let id: String
        let params: Params
    }

    private struct PropertyPost<Params: Encodable>: Encodable {
        let id: String
        var version = "1.0"
        let params: Params
        var method = "thing.event.property.post"
    }
}

extension JSONEncoder {
    fileprivate func encodeAsByteBuffer(_ value: some Encodable) throws -> ByteBuffer {
        try encodeAsByteBuffer(value, allocator: ByteBufferAllocator())
    }
}

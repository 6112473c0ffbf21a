import Foundation
import Logging
import MQTT
import NIOCore

/// One live connection of a device: acknowledges, and answers the topics the platform itself serves.
///
/// A reply goes out only where the device subscribed to its topic, or asked for replies by `_ss=1` at its CONNECT.
struct PlatformSession {
    let peer: Peer
    let key: DeviceKey
    let state: CloudState
    let logger: Logger
    /// Whether replies need no subscription.
    let answersAlways: Bool

    private var filters: Set<String> = []

    /// Limits of one device ("Limits", document 30527).
    static let maximumSubscriptions = 100
    static let maximumTopicBytes = 128
    static let maximumSlashes = 7
    /// Longest name or value of a tag: a bound of our own.
    static let maximumTagLength = 256

    init(peer: Peer, key: DeviceKey, state: CloudState, logger: Logger, answersAlways: Bool) {
        (self.peer, self.key, self.state, self.logger) = (peer, key, state, logger)
        self.answersAlways = answersAlways
    }

    /// Runs until the device leaves or the connection is closed.
    mutating func run() async {
        for await packet in peer.inbound {
            do {
                guard try await handle(packet) else { return }
            } catch {
                logger.debug("\(key): session ended: \(error)")
                return
            }
        }
    }

    private mutating func handle(_ packet: Packet) async throws -> Bool {
        switch packet {
        case .publish(let message):
            let replies = try await take(message)
            if let id = message.id { try await peer.send(.puback(id: id)) }
            for (topic, body) in replies { try await reply(topic, body) }
        case .subscribe(let id, let wanted):
            var codes: [UInt8] = []
            for subscription in wanted {
                if isOwn(subscription.filter), filters.count < Self.maximumSubscriptions {
                    filters.insert(subscription.filter)
                    codes.append(subscription.qos.rawValue)
                } else {
                    codes.append(0x80)
                }
            }
            try await peer.send(.suback(id: id, codes: codes))
        case .unsubscribe(let id, let leaving):
            filters.subtract(leaving)
            try await peer.send(.unsuback(id: id))
        case .pingreq: try await peer.send(.pingresp)
        case .disconnect: return false
        default: break
        }
        return true
    }

    /// Whether a filter is about this device: every topic class has product and DeviceName in it.
    private func isOwn(_ filter: String) -> Bool {
        guard Self.isWithinLimits(filter) else { return false }
        return (filter + "/").contains("/\(key.product)/\(key.name)/")
    }

    private static func isWithinLimits(_ topic: String) -> Bool {
        topic.utf8.count <= maximumTopicBytes && topic.utf8.count { $0 == UInt8(ascii: "/") } <= maximumSlashes
    }

    /// Does what a message asks for and returns the replies to it.
    private func take(_ message: Packet.Publish) async throws -> [(String, CloudJSON)] {
        let received = CloudTime.now()
        let (thing, topic) = ("/sys/\(key.product)/\(key.name)/thing", message.topic)
        guard Self.isWithinLimits(topic) else { return [] }
        let body = (try? JSONSerialization.jsonObject(with: Data(message.payload.readableBytesView))) as? [String: Any]
        switch topic {
        case "\(thing)/event/property/post":
            let isGood = body?["params"] != nil
            return [("\(topic)_reply", thingReply(body, isGood: isGood, method: "thing.event.property.post"))]
        case "\(thing)/deviceinfo/update":
            let isGood = try await storeTags(body)
            return [("\(topic)_reply", thingReply(body, isGood: isGood, method: "thing.deviceinfo.update"))]
        case "/ext/ntp/\(key.product)/\(key.name)/request":
            let sent = Self.text(body?["deviceSendTime"])
            let reply: CloudJSON = [
                "deviceSendTime": .string(sent), "serverRecvTime": .string(String(received)),
                "serverSendTime": .string(String(CloudTime.now())),
            ]
            return [("/ext/ntp/\(key.product)/\(key.name)/response", reply)]
        case "/ota/device/inform/\(key.product)/\(key.name)":
            let params = body?["params"] as? [String: Any]
            let module = params?["module"] as? String ?? "default"
            if module == "default", let version = params?["version"] as? String, version.count <= 64 {
                await state.setFirmwareVersion(version, of: key)
                try await state.commit()
            }
            return []
        default:
            logger.debug("\(key): message on a topic without an answer")
            return []
        }
    }

    /// Stores the tags of a message, an array of `attrKey` and `attrValue`; false where there is none or too many.
    private func storeTags(_ body: [String: Any]?) async throws -> Bool {
        guard let list = body?["params"] as? [[String: Any]], !list.isEmpty else { return false }
        var tags: [String: String] = [:]
        for element in list {
            guard let name = element["attrKey"] as? String, !name.isEmpty, name.count <= Self.maximumTagLength
            else { return false }
            let value = Self.text(element["attrValue"])
            guard value.count <= Self.maximumTagLength else { return false }
            tags[name] = value
        }
        guard await state.setTags(tags, of: key) else { return false }
        try await state.commit()
        return true
    }

    /// The platform's reply to a thing-model message: 200, or 460 where the message could not be read.
    private func thingReply(_ body: [String: Any]?, isGood: Bool, method: String) -> CloudJSON {
        [
            "code": .integer(isGood ? 200 : 460), "data": .object([]), "id": .string(Self.text(body?["id"])),
            "message": .string(isGood ? "success" : "request parameter error"), "method": .string(method),
            "version": .string("1.0"),
        ]
    }

    private func reply(_ topic: String, _ body: CloudJSON) async throws {
        guard answersAlways || filters.contains(where: { topicMatches(filter: $0, topic: topic) }) else { return }
        try await peer.send(.publish(.init(topic: topic, payload: ByteBuffer(string: body.text))))
    }

    /// A JSON text or number as text.
    private static func text(_ value: Any?) -> String {
        switch value {
        case let text as String: text
        case let number as NSNumber: number.stringValue
        default: ""
        }
    }
}

import Provisioning
import Foundation
import NIOCore
import NIOFoundationCompat

/// The fields around every answer ("Envelope"): success is decided by `Success` alone, since `Code` is empty, missing or
/// "Success" then. Gateway errors have `Message` in place of `ErrorMessage`.
private struct Envelope: Decodable {
    let requestID: String?
    let success: Bool?
    let code: String?
    let message: String?

    private enum Key: String, CodingKey {
        case RequestId, Success, Code, ErrorMessage, Message
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        requestID = fields.optional(.RequestId)
        success = fields.optional(.Success)
        code = fields.optional(.Code)
        message = fields.optional(.ErrorMessage) ?? fields.optional(.Message)
    }
}

private struct Payload<Content: Decodable>: Decodable {
    let content: Content

    private enum Key: String, CodingKey { case Data }

    init(from decoder: any Decoder) throws {
        content = try decoder.container(keyedBy: Key.self).decode(Content.self, forKey: .Data)
    }
}

/// A successful answer: only the fields `Content` names have been taken out of it, secrets are not among them.
struct Answer<Content: Decodable & Sendable>: Sendable {
    let content: Content
    let requestID: String
    let cloudDate: String?

    /// - Throws: ``CloudError``, classed.
    init(_ reply: HTTPReply, at place: OpenAPICall.Place = .data) throws(CloudError) {
        let decoder = JSONDecoder()
        guard let envelope = try? decoder.decode(Envelope.self, from: reply.body) else {
            throw CloudError(
                remoteCode: "", message: "HTTP status \(reply.status) with a body that is not the documented JSON",
                requestID: nil, reply: reply)
        }
        guard envelope.success == true else {
            throw CloudError(
                remoteCode: envelope.code ?? "", message: envelope.message ?? "HTTP status \(reply.status)",
                requestID: envelope.requestID.map(CloudError.clean), reply: reply)
        }
        let found: Content? =
            switch place {
            case .data: try? decoder.decode(Payload<Content>.self, from: reply.body).content
            case .top: try? decoder.decode(Content.self, from: reply.body)
            }
        guard let found else {
            throw CloudError(
                .unexpected, "The cloud reports success without the data that belongs to it.",
                requestID: envelope.requestID, httpStatus: reply.status)
        }
        content = found
        requestID = envelope.requestID ?? ""
        cloudDate = reply.date
    }
}

extension KeyedDecodingContainer {
    /// The value if it is there and of the right type; a field of another type is taken as missing.
    func optional<Value: Decodable>(_ key: Key) -> Value? { try? decodeIfPresent(Value.self, forKey: key) }

    /// A text that is there and not empty: the cloud writes "" for "never".
    func text(_ key: Key) -> String? {
        let text: String? = optional(key)
        return text?.isEmpty == false ? text : nil
    }
}

/// Data of RegisterDevice; `DeviceSecret` is left where it is.
struct RegisterDeviceData: Decodable, Sendable {
    let iotID: String?
    let deviceName: String?

    private enum Key: String, CodingKey { case IotId, DeviceName }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        iotID = fields.text(.IotId)
        deviceName = fields.text(.DeviceName)
    }
}

/// Data of QueryDeviceDetail; `DeviceSecret` is left where it is, and so are the `Gmt…` times, which are China time.
struct DeviceDetailData: Decodable, Sendable {
    let status, iotID, utcCreate, utcActive, utcOnline, firmwareVersion: String?
    /// For its keyed digest only; dropped with this value.
    let deviceSecret: Secret?

    private enum Key: String, CodingKey {
        case Status, IotId, UtcCreate, UtcActive, UtcOnline, FirmwareVersion, DeviceSecret
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        status = fields.text(.Status)
        iotID = fields.text(.IotId)
        utcCreate = fields.text(.UtcCreate)
        utcActive = fields.text(.UtcActive)
        utcOnline = fields.text(.UtcOnline)
        firmwareVersion = fields.text(.FirmwareVersion)
        deviceSecret = fields.text(.DeviceSecret).map { Secret($0) }
    }
}

/// Data of GetDeviceStatus.
struct DeviceStatusData: Decodable, Sendable {
    let status: String?
    let timestamp: Int64?

    private enum Key: String, CodingKey { case Status, Timestamp }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        status = fields.text(.Status)
        timestamp = fields.optional(.Timestamp)
    }
}

/// Data of QueryProduct; `ProductSecret` is left where it is.
struct ProductData: Decodable, Sendable {
    let productKey, productName, productStatus, authType: String?
    let nodeType, deviceCount: Int?

    private enum Key: String, CodingKey { case ProductKey, ProductName, ProductStatus, AuthType, NodeType, DeviceCount }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        productKey = fields.text(.ProductKey)
        productName = fields.text(.ProductName)
        productStatus = fields.text(.ProductStatus)
        authType = fields.text(.AuthType)
        nodeType = fields.optional(.NodeType)
        deviceCount = fields.optional(.DeviceCount)
    }
}

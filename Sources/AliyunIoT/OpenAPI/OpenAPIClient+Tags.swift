import Foundation
import Provisioning

/// Data of QueryDeviceProp: the tags are JSON text inside the answer; a device without any may have none.
struct DeviceTagsData: Decodable, Sendable {
    let tags: [String: String]

    private enum Key: String, CodingKey { case Props }

    /// - Throws: what is no object of texts: taken for no tags it would hide the one that is looked for.
    init(from decoder: any Decoder) throws {
        let text = try decoder.container(keyedBy: Key.self).decodeIfPresent(String.self, forKey: .Props) ?? ""
        tags = text.isEmpty ? [:] : try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    }
}

/// Tags of a device: short texts that the cloud keeps beside it.
extension OpenAPIClient {
    /// The device's tags (QueryDeviceProp).
    ///
    /// - Throws: ``CloudError``, `CancellationError`.
    public func tags(
        productKey: String, deviceName: String, priority: RateLimiter.Priority = .workflow,
        within: Duration = .seconds(30)
    ) async throws -> [String: String] {
        let answer: Answer<DeviceTagsData> = try await call(
            OpenAPICall(
                "QueryDeviceProp", [("ProductKey", productKey), ("DeviceName", deviceName)], isRepeatable: true,
                place: .top), priority: priority, within: within)
        return answer.content.tags
    }

    /// Adds a tag, or changes it; other tags stay (SaveDeviceProp).
    ///
    /// - Parameters:
    ///   - name: letters, digits and dots, at most 30.
    ///   - value: letters, digits, `_ - : .`, at most 128.
    /// - Throws: ``CloudError``, `CancellationError`.
    @discardableResult
    public func saveTag(
        _ name: String, _ value: String, productKey: String, deviceName: String,
        priority: RateLimiter.Priority = .workflow, within: Duration = .seconds(30)
    ) async throws -> CallReceipt {
        let props: JSONValue = [name: .string(value)]
        let answer: Answer<EnvelopeOnly> = try await call(
            OpenAPICall(
                "SaveDeviceProp",
                [("ProductKey", productKey), ("DeviceName", deviceName), ("Props", props.text)], isRepeatable: true,
                place: .top), priority: priority, within: within)
        return CallReceipt(requestID: answer.requestID, cloudDate: answer.cloudDate)
    }
}

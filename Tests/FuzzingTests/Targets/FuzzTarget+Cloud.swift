import Foundation
import Fuzzing
import NIOCore
import Provisioning

@testable import AliyunIoT

extension FuzzTarget {
    private static let statuses = [200, 400, 403, 404, 429, 500, 503]

    /// Answers of the signed API, whatever was asked.
    static let openAPI = FuzzTarget(
        "open-api", limit: 4096,
        seeds: [
            #"{"RequestId":"57b144cf","Success":true,"Code":"","Data":{"IotId":"Q7uOhVRdZRRlDnTLv","DeviceName":"lamp-1","DeviceSecret":"s"}}"#,
            #"{"RequestId":"E55E","Success":true,"Data":{"Status":"ONLINE","UtcActive":"2026-11-25T08:00:00.000Z","UtcOnline":"","IotId":"Q","FirmwareVersion":"1.0.0","Timestamp":1732521600000}}"#,
            #"{"RequestId":"E55E","Success":true,"Page":1,"PageCount":2,"Total":20,"Data":{"DeviceInfo":[{"DeviceName":"a-01","IotId":"i","DeviceStatus":"UNACTIVE","UtcCreate":"2026-11-25T08:00:00.000Z"}]}}"#,
            #"{"Success":true,"DeviceStatusList":{"DeviceStatus":[{"DeviceName":"a-01","IotId":"i","Status":"OFFLINE","LastOnlineTime":"x","Timestamp":"1732"}]}}"#,
            #"{"Success":true,"Data":{"List":{"ProductInfo":[{"ProductKey":"a1","DeviceCount":9223372036854775807},{"ProductKey":"a2","DeviceCount":2}]},"PageCount":1}}"#,
            #"{"Success":true,"Data":{"ApplyId":1295006,"InvalidDeviceNameList":{"InvalidDeviceName":["x"]},"InvalidDetailList":{"InvalidDetailList":[{"DeviceName":"x","ErrorMsg":"bad"}]}}}"#,
            #"{"Success":true,"Props":"{\"ps.1\":\"7.0011.sig\",\"lot\":\"A1\"}"}"#,
            #"{"Success":false,"Code":"iot.system.SystemException","ErrorMessage":"系统异常"}"#, "<html>502</html>",
        ].map { Array($0.utf8) },
        words: [
            "\"Success\":true", "\"Data\":", "null", "[]", "{}", "1e99", "-1", "\"Timestamp\":", "\\ud800",
            "\"PageCount\":",
        ]
    ) { bytes in
        let reply = HTTPReply(
            status: statuses[bytes.count % statuses.count], date: nil, retryAfter: nil, body: ByteBuffer(bytes: bytes))
        try answer(reply, RegisterDeviceData.self)
        try answer(reply, DeviceDetailData.self)
        try answer(reply, DeviceStatusData.self)
        try answer(reply, ProductData.self)
        try answer(reply, BatchCheckData.self)
        try answer(reply, BatchStatusData.self)
        try answer(reply, ApplyData.self)
        try answer(reply, StatisticsData.self)
        try answer(reply, DetailListData.self)
        try answer(reply, EnvelopeOnly.self, at: .top)
        try answer(reply, DevicePage.self, at: .top)
        try answer(reply, StateListData.self, at: .top)
        try answer(reply, BatchPageData.self, at: .top)
        try answer(reply, DeviceTagsData.self, at: .top)
        if let list = try answer(reply, ProductListData.self) {
            var sum = 0
            for product in list.products {
                let (next, isTooMuch) = sum.addingReportingOverflow(product.deviceCount)
                try insist(!isTooMuch && product.deviceCount >= 0, "counts of devices that cannot be added")
                sum = next
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if let instant = CloudInstant(text) { try insist(instant <= instant, "an instant that is not itself") }
        let clean = CloudError.clean(text)
        try insist(
            !clean.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F },
            "a control character in a cleaned text")
        try insist(clean.count <= text.count, "a cleaned text that is longer")
    }

    @discardableResult
    private static func answer<Content: Decodable & Sendable>(
        _ reply: HTTPReply, _ type: Content.Type, at place: OpenAPICall.Place = .data
    ) throws(Broken) -> Content? {
        let found = try orRefusal { () throws(CloudError) in try Answer<Content>(reply, at: place) }
        guard let found else { return nil }
        try insist(!"\(found)".contains("DeviceSecret"), "an answer that prints a secret's name")
        return found.content
    }

    /// What registration hands out, over either channel.
    static let registration = FuzzTarget(
        "registration", limit: 1024,
        seeds: [
            #"{"productKey":"a1Tq7Wn2Xe0","deviceName":"lamp-1","deviceSecret":"adsfweafdsf"}"#,
            #"{"productKey":"a1Tq7Wn2Xe0","deviceName":"lamp-1","clientId":"9d","deviceToken":"^1^"}"#,
        ].map { Array($0.utf8) }, words: ["\"deviceSecret\":", "null", "\"\"", "{}", "\"clientId\":"]
    ) { bytes in
        guard let result = try? JSONDecoder().decode(RegistrationResult.self, from: Data(bytes)) else { return }
        let isOurs: Void? = try orRefusal { () throws(RegistrationError) in
            try result.check(productKey: "a1Tq7Wn2Xe0", deviceName: "lamp-1")
        }
        guard isOurs != nil else { return }
        if let secret = try orRefusal({ () throws(RegistrationError) in try result.secret() }) {
            try insist(secret.count > 0, "an empty DeviceSecret")
        }
        if let pair = try orRefusal({ () throws(RegistrationError) in try result.credential() }) {
            try insist(!pair.clientID.isEmpty, "an empty ClientID")
        }
    }
}

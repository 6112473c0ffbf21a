import Provisioning

/// Creating many devices ("Create multiple devices"): check, register by the check's ApplyId, ask, collect.
/// ``BatchRegistrar`` goes the whole way.
extension OpenAPIClient {
    /// Most names the cloud takes in one check; it drops any more without a word.
    public static let namesPerCheck = 10_000
    /// Devices on one page of QueryPageByApplyId and QueryDevice, at most.
    public static let devicesPerPage = 50

    private static let longLists = 16 << 20

    /// Has names checked for a batch (BatchCheckDeviceNames). Creates nothing.
    ///
    /// - Parameter deviceNames: 1 to ``namesPerCheck``; they go into the form body.
    /// - Throws: ``CloudError``; `.input` for another number of names, before anything is sent. `CancellationError`.
    public func batchCheckDeviceNames(
        productKey: String, deviceNames: [String], priority: RateLimiter.Priority = .workflow,
        within: Duration = .seconds(60)
    ) async throws -> BatchCheck {
        try Self.demand(deviceNames, Self.namesPerCheck, "BatchCheckDeviceNames")
        let answer: Answer<BatchCheckData> = try await call(
            OpenAPICall(
                "BatchCheckDeviceNames", [("ProductKey", productKey)],
                form: OpenAPICall.list("DeviceName", deviceNames), isRepeatable: true, maximumAnswer: Self.longLists),
            priority: priority, within: within)
        let data = answer.content
        return BatchCheck(
            applyID: data.applyID, invalid: data.invalid, repeated: data.repeated, requestID: answer.requestID)
    }

    /// Starts the creation of the names of a check (BatchRegisterDeviceWithApplyId); it goes on in the cloud.
    ///
    /// Not repeated by itself after a lost reply: ask with
    /// ``batchRegisterStatus(productKey:applyID:priority:within:)`` first.
    /// - Returns: the ApplyId of the creation: the same one.
    /// - Throws: ``CloudError``, `CancellationError`.
    public func batchRegisterDevices(
        productKey: String, applyID: Int64, priority: RateLimiter.Priority = .workflow,
        within: Duration = .seconds(30)
    ) async throws -> Int64 {
        let answer: Answer<ApplyData> = try await call(
            OpenAPICall(
                "BatchRegisterDeviceWithApplyId", [("ProductKey", productKey), ("ApplyId", "\(applyID)")],
                isRepeatable: false),
            priority: priority, within: within)
        return answer.content.applyID ?? applyID
    }

    /// How far a batch has come (QueryBatchRegisterDeviceStatus).
    ///
    /// - Throws: ``CloudError``; `.notFound` for an ApplyId the cloud does not know. `CancellationError`.
    public func batchRegisterStatus(
        productKey: String, applyID: Int64, priority: RateLimiter.Priority = .workflow,
        within: Duration = .seconds(30)
    ) async throws -> BatchStatus {
        let answer: Answer<BatchStatusData> = try await call(
            OpenAPICall(
                "QueryBatchRegisterDeviceStatus", [("ProductKey", productKey), ("ApplyId", "\(applyID)")],
                isRepeatable: true, maximumAnswer: Self.longLists),
            priority: priority, within: within)
        let data = answer.content
        return BatchStatus(
            phase: data.status.flatMap(BatchStatus.Phase.init), valid: data.valid, invalid: data.invalid,
            requestID: answer.requestID)
    }

    /// A page of the devices a batch has created (QueryPageByApplyId).
    ///
    /// - Parameters:
    ///   - page: from 1.
    ///   - pageSize: 1 to ``devicesPerPage``.
    /// - Throws: ``CloudError``, `CancellationError`.
    public func batchPage(
        applyID: Int64, page: Int, pageSize: Int = devicesPerPage, priority: RateLimiter.Priority = .workflow,
        within: Duration = .seconds(30)
    ) async throws -> BatchPage {
        let answer: Answer<BatchPageData> = try await call(
            OpenAPICall(
                "QueryPageByApplyId",
                [("ApplyId", "\(applyID)"), ("CurrentPage", "\(page)"), ("PageSize", "\(pageSize)")],
                isRepeatable: true, place: .top),
            priority: priority, within: within)
        let data = answer.content
        return BatchPage(
            devices: data.devices, number: data.page ?? page, pageCount: data.pageCount ?? 0, total: data.total ?? 0)
    }

    /// The cloud drops what is too much without a word, so nothing of that kind is sent.
    static func demand(_ names: [String], _ most: Int, _ action: String) throws(CloudError) {
        guard (1...most).contains(names.count) else {
            throw CloudError(.input, "\(action) was given \(names.count) names; expected 1 to \(most).")
        }
    }
}

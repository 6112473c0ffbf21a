import Provisioning

/// Reading many devices at once.
extension OpenAPIClient {
    /// Most names in one BatchGetDeviceState.
    public static let namesPerState = 50
    /// Most names in one BatchQueryDeviceDetail.
    public static let namesPerDetail = 100

    /// The states of up to 50 devices (BatchGetDeviceState). ``StatePoller`` calls it for all slots together.
    ///
    /// - Returns: what the cloud listed; a name it does not know may be missing, or fail the whole call as `.notFound`.
    /// - Throws: ``CloudError``, `CancellationError`.
    public func batchGetDeviceState(
        productKey: String, deviceNames: [String], priority: RateLimiter.Priority = .running,
        within: Duration = .seconds(30)
    ) async throws -> [ListedState] {
        try Self.demand(deviceNames, Self.namesPerState, "BatchGetDeviceState")
        let answer: Answer<StateListData> = try await call(
            OpenAPICall(
                "BatchGetDeviceState", [("ProductKey", productKey)] + OpenAPICall.list("DeviceName", deviceNames),
                isRepeatable: true, place: .top),
            priority: priority, within: within)
        return answer.content.states
    }

    /// The records of up to 100 devices (BatchQueryDeviceDetail), without last-online times.
    ///
    /// - Returns: what the cloud listed; names it does not know are missing.
    /// - Throws: ``CloudError``; a name of another account fails the whole call. `CancellationError`.
    public func batchQueryDeviceDetail(
        productKey: String, deviceNames: [String], priority: RateLimiter.Priority = .reconcile,
        within: Duration = .seconds(30)
    ) async throws -> [ListedReading] {
        try Self.demand(deviceNames, Self.namesPerDetail, "BatchQueryDeviceDetail")
        let answer: Answer<DetailListData> = try await call(
            OpenAPICall(
                "BatchQueryDeviceDetail", [("ProductKey", productKey)] + OpenAPICall.list("DeviceName", deviceNames),
                isRepeatable: true),
            priority: priority, within: within)
        return answer.content.rows.map { row in
            ListedReading(
                deviceName: row.deviceName,
                reading: reading(row.detail, requestID: answer.requestID, cloudDate: answer.cloudDate))
        }
    }

    /// All devices of a product (QueryDevice), newest first, fetched 50 at a time as they are read.
    ///
    /// A product that changes meanwhile may show a device twice, or lack one created since the start.
    public func devices(
        productKey: String, priority: RateLimiter.Priority = .reconcile, perPage: Duration = .seconds(30)
    ) -> DeviceSequence {
        DeviceSequence(client: self, productKey: productKey, priority: priority, perPage: perPage)
    }

    /// How many devices the product has, how many were ever active, how many are online.
    ///
    /// - Throws: ``CloudError``, `CancellationError`.
    public func queryDeviceStatistics(
        productKey: String, priority: RateLimiter.Priority = .reconcile, within: Duration = .seconds(30)
    ) async throws -> DeviceStatistics {
        let answer: Answer<StatisticsData> = try await call(
            OpenAPICall("QueryDeviceStatistics", [("ProductKey", productKey)], isRepeatable: true),
            priority: priority, within: within)
        let data = answer.content
        return DeviceStatistics(
            deviceCount: data.deviceCount, activeCount: data.activeCount, onlineCount: data.onlineCount,
            requestID: answer.requestID)
    }

    /// The products of the instance (QueryProductList), 200 a page, without their secrets.
    ///
    /// - Throws: ``CloudError``, `CancellationError`.
    public func products(
        priority: RateLimiter.Priority = .workflow, perPage: Duration = .seconds(30)
    ) async throws -> [ListedProduct] {
        var found: [ListedProduct] = []
        var page = 1
        while true {
            let answer: Answer<ProductListData> = try await call(
                OpenAPICall(
                    "QueryProductList", [("CurrentPage", "\(page)"), ("PageSize", "\(Self.productsPerPage)")],
                    isRepeatable: true), priority: priority, within: perPage)
            found += answer.content.products
            guard !answer.content.products.isEmpty, page < answer.content.pageCount ?? 1 else { return found }
            page += 1
        }
    }

    /// Most products on one page of QueryProductList.
    static let productsPerPage = 200

    /// A device's record with the digest of its DeviceSecret in the secret's place.
    func reading(_ data: DeviceDetailData, requestID: String, cloudDate: String?) -> DeviceReading {
        DeviceReading(
            state: data.status.flatMap(DeviceState.init), iotID: data.iotID ?? "", createdAt: data.utcCreate,
            activatedAt: data.utcActive, onlineAt: data.utcOnline, firmwareVersion: data.firmwareVersion,
            secretDigest: data.deviceSecret.flatMap { secretDigest($0) }, requestID: requestID, cloudDate: cloudDate)
    }
}

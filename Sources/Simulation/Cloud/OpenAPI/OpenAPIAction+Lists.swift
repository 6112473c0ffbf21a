extension OpenAPIAction {
    /// Reading many devices or products at once.
    static let lists: [OpenAPIAction] = [
        OpenAPIAction("BatchQueryDeviceDetail", callsPerSecond: 5, required: ["ProductKey"]) {
            state, parameters throws(BusinessError) in
            let product = try state.product(parameters)
            let names = parameters.list("DeviceName")
            guard !names.isEmpty else { throw .noNames }
            guard names.count <= 100 else { throw .badParameter("DeviceName") }
            let left: Set = ["GmtOnline", "UtcOnline", "IpAddress", "Owner"]
            let found = names.compactMap { state.devices[DeviceKey(product: product.key, name: $0)] }
            let rows = found.map { device in CloudJSON.object(state.detail(of: device).filter { !left.contains($0.0) })
            }
            return .data(["Data": .array(rows)])
        },
        OpenAPIAction("QueryDeviceByStatus", callsPerSecond: 50, required: ["ProductKey", "Status"]) {
            state, parameters throws(BusinessError) in
            let product = try state.product(parameters)
            let states: [String: DeviceLife] = ["0": .unactive, "1": .online, "3": .offline, "8": .disabled]
            guard let wanted = states[parameters["Status"] ?? ""] else { throw .badParameter("Status") }
            let page = try ListPage(parameters, largest: 50)
            let found = (state.namesByProduct[product.key] ?? []).reversed()
                .compactMap { state.devices[DeviceKey(product: product.key, name: $0)] }
                .filter { state.life(of: $0) == wanted }
            let rows = page.part(of: found).map { device -> CloudJSON in
                [
                    "DeviceName": .string(device.key.name), "DeviceSecret": .string(device.secret),
                    "ProductKey": .string(device.key.product), "IotId": .string(device.iotID),
                    "Nickname": .text(device.nickname), "Status": .string(wanted.rawValue),
                    "GmtCreate": .string(CloudTime.listGMT(device.created)), "UtcCreate": .utc(device.created),
                    "GmtModified": .string(CloudTime.listGMT(device.modified)), "UtcModified": .utc(device.modified),
                ]
            }
            return OpenAPIResult(
                members: [("Data", ["SimpleDeviceInfo": .array(rows)])] + page.members(of: found.count))
        },
        OpenAPIAction("QueryDeviceStatistics", callsPerSecond: 50) { state, parameters throws(BusinessError) in
            let product = parameters["ProductKey"] == nil ? nil : try state.product(parameters).key
            let counted = state.devices.values.filter { device in
                product.map { $0 == device.key.product }
                    ?? (state.products[device.key.product]?.instanceID == parameters["IotInstanceId"])
            }
            return .data([
                "deviceCount": .integer(Int64(counted.count)),
                "activeCount": .integer(Int64(counted.count { $0.activated != nil })),
                "onlineCount": .integer(Int64(counted.count { state.life(of: $0) == .online })),
            ])
        },
        OpenAPIAction("QueryProductList", callsPerSecond: 50, required: ["CurrentPage", "PageSize"]) {
            state, parameters throws(BusinessError) in
            let page = try ListPage(parameters, largest: 200)
            let found = state.products.values
                .filter { $0.instanceID == parameters["IotInstanceId"] }
                .filter { _ in ["iothub_senior", nil].contains(parameters["AliyunCommodityCode"]) }
                .sorted { $0.key < $1.key }
            let rows = page.part(of: found).map { product -> CloudJSON in
                [
                    "ProductKey": .string(product.key), "ProductName": .string(product.name),
                    "AuthType": .string(product.authType.rawValue), "DataFormat": .integer(product.dataFormat),
                    "NodeType": .integer(product.nodeType),
                    "DeviceCount": .integer(Int64(state.namesByProduct[product.key]?.count ?? 0)),
                    "GmtCreate": .integer(product.created), "Description": .string(product.text),
                ]
            }
            return .data([
                "List": ["ProductInfo": .array(rows)], "CurrentPage": .integer(Int64(page.current)),
                "PageSize": .integer(Int64(page.size)), "PageCount": .integer(page.count(of: found.count)),
                "Total": .integer(Int64(found.count)),
            ])
        },
        // Device distribution between accounts is not played: nothing is ever distributed.
        OpenAPIAction("ListDeviceDistributeJob", callsPerSecond: 5) { _, parameters throws(BusinessError) in
            _ = try ListPage(parameters, largest: 200)
            return .data(["JobInfo": ["items": []], "Total": .integer(0), "NextToken": .string("")])
        },
        OpenAPIAction("ListDistributedDevice", callsPerSecond: 5) { _, parameters throws(BusinessError) in
            _ = try ListPage(parameters, largest: 200)
            return .data(["Info": ["items": []], "Total": .integer(0)])
        },
        OpenAPIAction("QueryDeviceProvisioning", callsPerSecond: 50, required: ["ProductKey", "DeviceName"]) {
            state, parameters throws(BusinessError) in
            // The only call about a device that has no IotInstanceId: it is asked in order to find the instance.
            let name = DeviceKey(product: parameters["ProductKey"] ?? "", name: parameters["DeviceName"] ?? "")
            guard let product = state.products[name.product] else { throw .noProduct }
            guard let device = state.devices[name] else { throw .noDevice }
            let instance = product.instanceID
            return .data([
                "AliyunUid": .string("1000000000000001"), "DeviceName": .string(device.key.name),
                "ProductKey": .string(device.key.product), "SourceRegion": .string("cn-shanghai"),
                "TargetRegion": .string("cn-shanghai"), "SourceIotInstanceId": .text(instance),
                "TargetIotInstanceId": .text(instance), "GmtCreate": .integer(device.created),
                "GmtModified": .integer(device.modified),
            ])
        },
        OpenAPIAction(
            "CheckBindLicenseDeviceProgress", callsPerSecond: 50,
            required: ["CheckProgressId", "LicenseCode", "ProductKey"]
        ) { state, parameters throws(BusinessError) in
            _ = try state.product(parameters)
            throw BusinessError.badParameter("CheckProgressId")
        },
    ]
}

/// `CurrentPage` and `PageSize` of a list call.
struct ListPage: Sendable {
    let current: Int
    let size: Int

    /// - Parameter number: the parameter that holds the page's number.
    /// - Throws: `iot.common.InvalidPageParams` outside 1…`largest` elements a page.
    init(_ parameters: OpenAPIParameters, number: String = "CurrentPage", largest: Int) throws(BusinessError) {
        size = try parameters.integer("PageSize", default: 10, in: 1...largest)
        current = try parameters.integer(number, default: 1, in: 1...10_000_000)
    }

    func part<Element>(of all: [Element]) -> ArraySlice<Element> { all.dropFirst((current - 1) * size).prefix(size) }

    func count(of total: Int) -> Int64 { Int64((total + size - 1) / size) }

    /// The four members that most list calls print beside their content.
    func members(of total: Int) -> [(String, CloudJSON)] {
        [
            ("Page", .integer(Int64(current))), ("PageSize", .integer(Int64(size))),
            ("PageCount", .integer(count(of: total))), ("Total", .integer(Int64(total))),
        ]
    }
}

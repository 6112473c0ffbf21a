extension OpenAPIAction {
    /// Reading devices. Every answer shows the DeviceSecret last issued.
    static let reading: [OpenAPIAction] = [
        OpenAPIAction("QueryDeviceDetail", callsPerSecond: 50) { state, parameters throws(BusinessError) in
            let device = try state.device(parameters)
            return .data(.object(state.detail(of: device)))
        },
        OpenAPIAction("QueryDeviceInfo", callsPerSecond: 500) { state, parameters throws(BusinessError) in
            let device = try state.device(parameters)
            return .data([
                "DeviceName": .string(device.key.name), "DeviceSecret": .string(device.secret),
                "IotId": .string(device.iotID), "Nickname": .text(device.nickname),
                "ProductKey": .string(device.key.product),
            ])
        },
        OpenAPIAction("GetDeviceStatus", callsPerSecond: 500) { state, parameters throws(BusinessError) in
            let device = try state.device(parameters)
            return .data([
                "Status": .string(state.life(of: device).rawValue), "Timestamp": .integer(device.changed),
            ])
        },
        OpenAPIAction("BatchGetDeviceState", callsPerSecond: 50) { state, parameters throws(BusinessError) in
            let found = try state.listed(parameters)
            return OpenAPIResult(members: [
                ("DeviceStatusList", ["DeviceStatus": .array(found.map { state.status(of: $0) })])
            ])
        },
        OpenAPIAction("QueryDevice", callsPerSecond: 50, required: ["ProductKey"]) {
            state, parameters throws(BusinessError) in
            try state.page(parameters)
        },
    ]
}

extension CloudState {
    /// Members of QueryDeviceDetail's `Data`; what the platform does not know is an empty text or left out.
    func detail(of device: CloudDevice) -> [(String, CloudJSON)] {
        var members: [(String, CloudJSON)] = [
            ("Status", .string(life(of: device).rawValue)), ("ProductKey", .string(device.key.product)),
            ("ProductName", .text(products[device.key.product]?.name)), ("DeviceName", .string(device.key.name)),
            ("DeviceSecret", .string(device.secret)), ("IotId", .string(device.iotID)),
            ("Nickname", .text(device.nickname)),
            ("NodeType", .integer(products[device.key.product]?.nodeType ?? 0)), ("Owner", .bool(true)),
            ("Region", .string("cn-shanghai")),
            ("GmtCreate", .chinaGMT(device.created)), ("UtcCreate", .utc(device.created)),
            ("GmtActive", .chinaGMT(device.activated)), ("UtcActive", .utc(device.activated)),
            ("GmtOnline", .chinaGMT(device.lastOnline)), ("UtcOnline", .utc(device.lastOnline)),
        ]
        if let version = device.firmwareVersion { members.append(("FirmwareVersion", .string(version))) }
        if let address = device.address { members.append(("IpAddress", .string(address))) }
        return members
    }

    /// Devices that a batch call names, by `IotId.N` or `ProductKey` with `DeviceName.N`; unknown ones are left out.
    func listed(_ parameters: OpenAPIParameters) throws(BusinessError) -> [CloudDevice] {
        let ids = parameters.list("IotId")
        guard ids.isEmpty else {
            guard ids.count <= 50 else { throw .badParameter("IotId") }
            return ids.compactMap { id in
                device(iotID: id).flatMap { device in
                    products[device.key.product]?.instanceID == parameters["IotInstanceId"] ? device : nil
                }
            }
        }
        let product = try product(parameters)
        let names = parameters.list("DeviceName")
        guard !names.isEmpty else { throw .noNames }
        guard names.count <= 50 else { throw .badParameter("DeviceName") }
        return names.compactMap { devices[DeviceKey(product: product.key, name: $0)] }
    }

    func status(of device: CloudDevice) -> CloudJSON {
        [
            "DeviceId": .string(String(device.iotID.prefix(20))), "DeviceName": .string(device.key.name),
            "IotId": .string(device.iotID), "Status": .string(life(of: device).rawValue),
            "LastOnlineTime": .chinaGMT(device.lastOnline), "AsAddress": .text(device.address),
            "Timestamp": .integer(device.changed),
        ]
    }

    /// QueryDevice: newest first, by page or by token.
    func page(_ parameters: OpenAPIParameters) throws(BusinessError) -> OpenAPIResult {
        let product = try product(parameters)
        let size = try parameters.integer("PageSize", default: 10, in: 1...50)
        let current = try parameters.integer("CurrentPage", default: 1, in: 1...10_000_000)
        let names = namesByProduct[product.key] ?? []
        // A token is the number of the last device shown: what was created meanwhile does not shift the pages.
        var rest = names[...]
        if let token = parameters["NextToken"] {
            guard let last = Int(token, radix: 36) else { throw .badPage }
            rest = names.prefix { devices[DeviceKey(product: product.key, name: $0)].map { $0.number < last } ?? false }
        } else {
            guard current * size <= 10_000 else { throw .badPage }
            rest = names.dropLast(min(names.count, (current - 1) * size))
        }
        let shown = rest.suffix(size).reversed().compactMap { devices[DeviceKey(product: product.key, name: $0)] }
        var members: [(String, CloudJSON)] = [
            ("Data", ["DeviceInfo": .array(shown.map { row(of: $0) })]), ("Page", .integer(Int64(current))),
            ("PageSize", .integer(Int64(size))), ("PageCount", .integer(Int64((names.count + size - 1) / size))),
            ("Total", .integer(Int64(names.count))),
        ]
        if rest.count > size, let last = shown.last {
            members.append(("NextToken", .string(String(last.number, radix: 36))))
        }
        return OpenAPIResult(members: members)
    }

    private func row(of device: CloudDevice) -> CloudJSON {
        [
            "DeviceId": .string(String(device.iotID.prefix(20))), "DeviceName": .string(device.key.name),
            "ProductKey": .string(device.key.product), "DeviceSecret": .string(device.secret),
            "IotId": .string(device.iotID), "DeviceStatus": .string(life(of: device).rawValue),
            "DeviceType": .string("0"), "Nickname": .text(device.nickname),
            "GmtCreate": .string(CloudTime.listGMT(device.created)), "UtcCreate": .utc(device.created),
            "GmtModified": .string(CloudTime.listGMT(device.modified)), "UtcModified": .utc(device.modified),
        ]
    }
}

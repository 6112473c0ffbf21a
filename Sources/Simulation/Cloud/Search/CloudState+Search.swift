extension OpenAPIAction {
    /// Looking for devices by a statement; on instances alone, as the platform has it.
    static let search: [OpenAPIAction] = [
        OpenAPIAction("QueryDeviceBySQL", callsPerSecond: 10, required: ["SQL"]) {
            state, parameters throws(BusinessError) in
            guard let instance = parameters["IotInstanceId"] else { throw .notServed }
            return state.answer(try DeviceQuery(parameters["SQL"] ?? ""), instance: instance)
        }
    ]
}

extension CloudState {
    /// Devices of one instance that a query finds. Where it names no order, the newest come first; the platform
    /// promises none.
    func answer(_ query: DeviceQuery, instance: String) -> OpenAPIResult {
        let found = devices.values.filter { device in
            products[device.key.product]?.instanceID == instance
                && query.alternatives.contains { conditions in
                    conditions.allSatisfy { $0.holds(for: values(of: $0.field, in: device)) }
                }
        }
        if case .count = query.output { return OpenAPIResult(members: [("TotalCount", .integer(Int64(found.count)))]) }
        let sorted = found.sorted { one, other in
            guard let order = query.order else { return one.number > other.number }
            let first = (time(order.field, of: one) ?? .min, one.number)
            let second = (time(order.field, of: other) ?? .min, other.number)
            return order.isDescending ? first > second : first < second
        }
        let rows = sorted.dropFirst(query.offset).prefix(query.limit).map { row(of: $0, query.output) }
        return OpenAPIResult(members: [("Data", .array(rows))])
    }

    private func time(_ field: DeviceQuery.Field, of device: CloudDevice) -> Int64? {
        switch field {
        case .activated: device.activated
        case .created: device.created
        case .modified: device.modified
        default: nil
        }
    }

    private func values(of field: DeviceQuery.Field, in device: CloudDevice) -> [String] {
        switch field {
        case .productKey: [device.key.product]
        case .iotID: [device.iotID]
        case .name: [device.key.name]
        case .nickname: device.nickname.map { [$0] } ?? []
        case .status: [life(of: device).rawValue]
        case .activated, .created, .modified: time(field, of: device).map { [CloudTime.search($0)] } ?? []
        case .group: []
        case .tagName: Array(device.tags.keys)
        case .tagValue: Array(device.tags.values)
        }
    }

    /// One row: the IotId always, then what is asked for. What a device does not have is left out.
    private func row(of device: CloudDevice, _ output: DeviceQuery.Output) -> CloudJSON {
        var members: [(String, CloudJSON)] = [("IotId", .string(device.iotID))]
        let names: [(DeviceQuery.Field, String)] = [
            (.productKey, "ProductKey"), (.name, "DeviceName"), (.nickname, "Nickname"), (.status, "Status"),
            (.activated, "ActiveTime"), (.created, "GmtCreate"), (.modified, "GmtModified"),
        ]
        let wanted = if case .fields(let fields) = output { fields } else { DeviceQuery.Field.allCases }
        for (field, name) in names where wanted.contains(field) {
            if let value = values(of: field, in: device).first { members.append((name, .string(value))) }
        }
        if !device.tags.isEmpty, wanted.contains(.tagName) || wanted.contains(.tagValue) {
            let tags = device.tags.sorted { $0.key < $1.key }.map { tag -> CloudJSON in
                ["TagName": .string(tag.key), "TagValue": .string(tag.value)]
            }
            members.append(("Tags", .array(tags)))
        }
        if case .all = output, let version = device.firmwareVersion {
            members.append(("OTAModules", [["ModuleName": .string("default"), "FirmwareVersion": .string(version)]]))
        }
        return .object(members)
    }
}

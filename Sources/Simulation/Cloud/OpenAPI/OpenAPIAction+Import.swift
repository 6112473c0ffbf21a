extension OpenAPIAction {
    /// Devices that bring their own DeviceName and DeviceSecret, one at a time or as a batch job.
    ///
    /// The platform offers them on standard enterprise instances and to MQTT gateway products, the stand-in everywhere.
    static let imports: [OpenAPIAction] = [
        OpenAPIAction(
            "ImportDevice", callsPerSecond: 50, required: ["ProductKey", "DeviceName", "DeviceSecret"]
        ) { state, parameters throws(BusinessError) in
            let product = try state.product(parameters)
            let (name, secret) = (parameters["DeviceName"] ?? "", parameters["DeviceSecret"] ?? "")
            let (nickname, serial) = (parameters["Nickname"], parameters["Sn"])
            guard CloudState.isDeviceName(name) else { throw .badDeviceName }
            guard CloudState.isImportedSecret(secret) else { throw .badParameter("DeviceSecret") }
            guard serial.map(CloudState.isSerial) ?? true else { throw .badParameter("Sn") }
            guard nickname.map({ CloudState.isNickname($0, shortest: 1) }) ?? true else {
                throw .badParameter("Nickname")
            }
            guard state.devices[DeviceKey(product: product.key, name: name)] == nil else { throw .nameExists }
            guard state.hasRoom(in: product) else { throw .tooManyDevices }
            let device = state.create(
                BatchJob.Entry(name: name, nickname: nickname, secret: secret, serial: serial), in: product.key)
            return .data([
                "ProductKey": .string(product.key), "DeviceName": .string(name), "DeviceSecret": .string(secret),
                "IotId": .string(device.iotID), "Nickname": .text(nickname), "Sn": .text(serial),
            ])
        },
        // Plain lists and no ApplyId, unlike all other batch calls: what it finds is in its answer.
        OpenAPIAction("BatchCheckImportDevice", callsPerSecond: 100, required: ["ProductKey"]) {
            state, parameters throws(BusinessError) in
            let names = try state.imported(parameters).names
            return .data([
                "InvalidDeviceNameList": .texts(names.invalidNames),
                "InvalidDeviceSecretList": .texts(names.invalidSecrets),
                "InvalidSnList": .texts(names.invalidSerials),
                "RepeatedDeviceNameList": .texts(names.repeated), "InvalidDetailList": .array(names.details),
            ])
        },
        // All or nothing: with one flawed device there is no ApplyId, but the lists of flaws.
        OpenAPIAction("BatchImportDevice", callsPerSecond: 10, required: ["ProductKey"]) {
            state, parameters throws(BusinessError) in
            let (product, names) = try state.imported(parameters)
            var members: [(String, CloudJSON)] = []
            if names.details.isEmpty {
                let job = try state.openBatch(product: product, .create, names.unique)
                members.append(("ApplyId", .integer(job.id)))
            }
            // Inner names in lower case but for the last, as the SDK reads them.
            members += [
                ("InvalidDeviceNameList", ["invalidDeviceName": .texts(names.invalidNames)]),
                ("InvalidDeviceSecretList", ["invalidDeviceSecret": .texts(names.invalidSecrets)]),
                ("InvalidSnList", ["invalidSn": .texts(names.invalidSerials)]),
                ("RepeatedDeviceNameList", ["repeatedDeviceName": .texts(names.repeated)]),
                ("InvalidDetailList", ["InvalidDetailList": .array(names.details)]),
            ]
            return .data(.object(members))
        },
        OpenAPIAction("QueryImportedDeviceByApplyId", callsPerSecond: 50) { state, parameters throws(BusinessError) in
            let job = try state.batch(parameters, namesProduct: false)
            guard job.isImport else { throw .unknownBatch }
            let page = try ListPage(parameters, number: "PageNo", largest: 50)
            let made = job.made
            let rows = page.part(of: made)
                .compactMap { state.devices[DeviceKey(product: job.product, name: $0)] }
                .filter { $0.batch == job.id }
                .map { device -> CloudJSON in
                    [
                        "DeviceName": .string(device.key.name), "DeviceSecret": .string(device.secret),
                        "ProductKey": .string(device.key.product), "Sn": .text(device.serial),
                    ]
                }
            return OpenAPIResult(members: [
                ("ProductKey", .string(job.product)), ("PageNo", .integer(Int64(page.current))),
                ("PageSize", .integer(Int64(page.size))), ("TotalPage", .integer(page.count(of: made.count))),
                ("DeviceList", ["device": .array(rows)]),
            ])
        },
    ]
}

extension CloudState {
    /// The product and the devices of a batch import, looked at.
    func imported(_ parameters: OpenAPIParameters) throws(BusinessError) -> (product: String, names: ImportedNames) {
        let product = try product(parameters).key
        let entries = try ImportedNames.entries(parameters)
        return (product, ImportedNames(entries) { devices[DeviceKey(product: product, name: $0)] != nil })
    }
}

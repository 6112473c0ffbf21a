extension OpenAPIAction {
    /// Creating many devices ("BatchCheckDeviceNames" and what follows it): asynchronous, told apart by ApplyId.
    static let batch: [OpenAPIAction] = [
        OpenAPIAction("BatchCheckDeviceNames", callsPerSecond: 10, required: ["ProductKey"]) {
            state, parameters throws(BusinessError) in
            let product = try state.product(parameters)
            let most = product.authType == .x509 ? CloudState.maximumX509Batch : CloudState.maximumBatch
            let names = BatchNames(try BatchNames.entries(parameters, most: most))
            let job = try state.openBatch(product: product.key, .check, names.unique, flaws: names.flaws)
            return .data([
                "ApplyId": .integer(job.id),
                "InvalidDeviceNameList": ["InvalidDeviceName": .texts(names.invalidNames)],
                "InvalidDeviceNicknameList": ["InvalidDeviceNickname": .texts(names.invalidNicknames)],
                // Spelled so by the platform.
                "RepeatedDeviceNameList": ["RepeatDevieNameList": .texts(names.repeated)],
                "InvalidDetailList": ["InvalidDetailList": .array(names.flaws.map(\.json))],
            ])
        },
        OpenAPIAction("BatchRegisterDeviceWithApplyId", callsPerSecond: 500, required: ["ProductKey"]) {
            state, parameters throws(BusinessError) in
            let job = try state.batch(parameters)
            try state.createBatch(job)
            return .data(["ApplyId": .integer(job.id)])
        },
        OpenAPIAction("BatchRegisterDevice", callsPerSecond: 10, required: ["ProductKey", "Count"]) {
            state, parameters throws(BusinessError) in
            let product = try state.product(parameters)
            guard let count = Int(parameters["Count"] ?? ""), (1...CloudState.maximumBatch).contains(count) else {
                throw .badParameter("Count")
            }
            let entries = (0..<count).map { _ in BatchJob.Entry(name: RandomText.alphanumeric(20)) }
            let job = try state.openBatch(product: product.key, .create, entries)
            return .data(["ApplyId": .integer(job.id)])
        },
        OpenAPIAction("QueryBatchRegisterDeviceStatus", callsPerSecond: 30, required: ["ProductKey"]) {
            state, parameters throws(BusinessError) in
            let job = try state.batch(parameters)
            let flaws = job.progress.stage.isFailure ? job.progress.flaws : []
            let flawed = Set(flaws.map(\.name))
            let valid = flaws.isEmpty ? [] : job.entries.map(\.name).filter { !flawed.contains($0) }
            return .data([
                "Status": .string(job.progress.stage.rawValue), "ValidList": ["Name": .texts(valid)],
                "InvalidList": ["Name": .texts(flaws.map(\.name))],
                "InvalidDetailList": ["invalidDetailList": .array(flaws.map(\.json))],
            ])
        },
        OpenAPIAction("QueryPageByApplyId", callsPerSecond: 50) { state, parameters throws(BusinessError) in
            let job = try state.batch(parameters, namesProduct: false)
            let page = try ListPage(parameters, largest: 50)
            let made = job.made
            let shown = page.part(of: made)
                .compactMap { state.devices[DeviceKey(product: job.product, name: $0)] }
                .filter { $0.batch == job.id }
            let rows = shown.map { device -> CloudJSON in
                [
                    "DeviceId": .string(String(device.iotID.prefix(20))), "DeviceName": .string(device.key.name),
                    "DeviceSecret": .string(device.secret), "IotId": .string(device.iotID),
                ]
            }
            let list = ("ApplyDeviceList", CloudJSON.object([("ApplyDeviceInfo", .array(rows))]))
            return OpenAPIResult(members: [list] + page.members(of: made.count))
        },
    ]
}

extension CloudState {
    /// The batch job a call is about.
    /// - Parameter namesProduct: whether the call must name the job's product; QueryPageByApplyId need not.
    func batch(_ parameters: OpenAPIParameters, namesProduct: Bool = true) throws(BusinessError) -> BatchJob {
        let product = namesProduct || parameters["ProductKey"] != nil ? try product(parameters) : nil
        guard let text = parameters["ApplyId"] else { throw .noBatch }
        guard let id = Int64(text), id > 0 else { throw .badBatchID }
        guard let job = batches[id], product == nil || job.product == product?.key else { throw .unknownBatch }
        return job
    }
}

extension BatchJob.Flaw {
    var json: CloudJSON {
        ["DeviceName": .string(name), "NickName": .string(nickname), "ErrorMsg": .string(message)]
    }
}

extension OpenAPIAction {
    /// Products. No action sets or reads the dynamic-registration switch: it is the console's alone.
    static let product: [OpenAPIAction] = [
        OpenAPIAction("QueryProduct", callsPerSecond: 50, required: ["ProductKey"]) {
            state, parameters throws(BusinessError) in
            let product = try state.product(parameters)
            let count = state.namesByProduct[product.key]?.count ?? 0
            return .data([
                "ProductKey": .string(product.key), "ProductSecret": .string(product.secret),
                "ProductName": .string(product.name), "ProductStatus": .string(product.status.rawValue),
                "AuthType": .string(product.authType.rawValue), "DeviceCount": .integer(Int64(count)),
                "GmtCreate": .integer(product.created), "DataFormat": .integer(product.dataFormat),
                "NodeType": .integer(product.nodeType),
                "NetType": .integer(3), "Id2": .bool(product.authType == .id2), "Owner": .bool(true),
                "ValidateType": .integer(1),
                "AliyunCommodityCode": .string("iothub_senior"), "CategoryKey": .string(""),
                "CategoryName": .string(""), "Description": .string(product.text), "ProtocolType": .string(""),
            ])
        },
        OpenAPIAction("CreateProduct", callsPerSecond: 50, required: ["ProductName", "NodeType"]) {
            state, parameters throws(BusinessError) in
            let name = parameters["ProductName"] ?? ""
            try state.checkProductName(name, parameters["IotInstanceId"], but: nil)
            guard let nodeType = Int64(parameters["NodeType"] ?? ""), (0...1).contains(nodeType) else {
                throw .badParameter("NodeType")
            }
            guard let dataFormat = Int64(parameters["DataFormat"] ?? "1"), (0...1).contains(dataFormat) else {
                throw .badParameter("DataFormat")
            }
            guard let authType = CloudConfiguration.Product.AuthType(rawValue: parameters["AuthType"] ?? "secret")
            else { throw .badParameter("AuthType") }
            guard ["iothub_senior", nil].contains(parameters["AliyunCommodityCode"]) else {
                throw .badParameter("AliyunCommodityCode")
            }
            guard state.products.count < CloudState.maximumProducts else { throw .tooManyProducts }
            let product = CloudProduct(
                CloudProduct.Created(
                    key: "a1" + RandomText.alphanumeric(9), secret: RandomText.alphanumeric(16), name: name,
                    text: parameters["Description"] ?? "", instanceID: parameters["IotInstanceId"],
                    nodeType: nodeType, dataFormat: dataFormat, created: CloudTime.now(), status: .development,
                    authType: authType),
                registered: nil)
            state.keep(product)
            let data: CloudJSON = [
                "ProductKey": .string(product.key), "ProductSecret": .string(product.secret),
                "ProductName": .string(name), "AuthType": .string(authType.rawValue), "NodeType": .integer(nodeType),
                "DataFormat": .integer(dataFormat), "AliyunCommodityCode": .string("iothub_senior"),
                "Id2": .bool(authType == .id2), "Description": .string(product.text),
                "ProtocolType": .text(parameters["ProtocolType"]),
            ]
            return OpenAPIResult(members: [("ProductKey", .string(product.key)), ("Data", data)])
        },
        OpenAPIAction("UpdateProduct", callsPerSecond: 10, required: ["ProductKey", "ProductName"]) {
            state, parameters throws(BusinessError) in
            var product = try state.product(parameters)
            let name = parameters["ProductName"] ?? ""
            try state.checkProductName(name, product.instanceID, but: product.key)
            (product.name, product.text) = (name, parameters["Description"] ?? product.text)
            state.keep(product)
            return OpenAPIResult()
        },
        // A product that was just made is in development.
        OpenAPIAction("ReleaseProduct", callsPerSecond: 50, required: ["ProductKey"]) {
            state, parameters throws(BusinessError) in
            var product = try state.product(parameters)
            product.status = .released
            state.keep(product)
            return OpenAPIResult()
        },
    ]
}

extension CloudState {
    /// Products of one instance ("Limits", document 30527).
    static let maximumProducts = 1000

    /// A product's name has 4–30 characters, what is not ASCII counting as two, and is unique in its instance.
    func checkProductName(_ name: String, _ instanceID: String?, but key: String?) throws(BusinessError) {
        let length = name.unicodeScalars.reduce(0) { $0 + ($1.isASCII ? 1 : 2) }
        guard (4...30).contains(length) else { throw .badParameter("ProductName") }
        guard !products.values.contains(where: { $0.name == name && $0.instanceID == instanceID && $0.key != key })
        else { throw .productNameExists }
    }
}

extension OpenAPIAction {
    /// Reading products. No action sets or reads the dynamic-registration switch: it is the console's alone.
    static let product: [OpenAPIAction] = [
        OpenAPIAction("QueryProduct", callsPerSecond: 50, required: ["ProductKey"]) {
            state, parameters throws(BusinessError) in
            let product = try state.product(parameters)
            let count = state.namesByProduct[product.key]?.count ?? 0
            return .data([
                "ProductKey": .string(product.key), "ProductSecret": .string(product.secret),
                "ProductName": .string(product.name), "ProductStatus": .string("RELEASE_STATUS"),
                "AuthType": .string("secret"), "DeviceCount": .integer(Int64(count)),
                "GmtCreate": .integer(product.created), "DataFormat": .integer(1), "NodeType": .integer(0),
                "NetType": .integer(3), "Id2": .bool(false), "Owner": .bool(true), "ValidateType": .integer(1),
                "AliyunCommodityCode": .string("iothub_senior"), "CategoryKey": .string(""),
                "CategoryName": .string(""), "Description": .string(""), "ProtocolType": .string(""),
            ])
        }
    ]
}

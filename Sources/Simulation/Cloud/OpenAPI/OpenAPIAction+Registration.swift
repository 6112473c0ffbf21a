extension OpenAPIAction {
    /// Creating devices one at a time ("RegisterDevice", document 69470).
    static let registration: [OpenAPIAction] = [
        OpenAPIAction("RegisterDevice", callsPerSecond: 30, required: ["ProductKey"]) {
            state, parameters throws(BusinessError) in
            let product = try state.product(parameters)
            let name = parameters["DeviceName"] ?? RandomText.alphanumeric(20)
            guard CloudState.isDeviceName(name) else { throw .badDeviceName }
            if let nickname = parameters["Nickname"], !CloudState.isNickname(nickname) {
                throw .badParameter("Nickname")
            }
            let key = DeviceKey(product: product.key, name: name)
            guard state.devices[key] == nil else { throw .nameExists }
            guard state.hasRoom(in: product) else { throw .tooManyDevices }
            let device = state.create(
                BatchJob.Entry(name: name, nickname: parameters["Nickname"]), in: product.key)
            return .data([
                "ProductKey": .string(product.key), "DeviceName": .string(name), "DeviceSecret": .string(device.secret),
                "IotId": .string(device.iotID), "Nickname": .text(device.nickname), "DevEui": .string(""),
                "JoinEui": .string(""),
            ])
        }
    ]
}

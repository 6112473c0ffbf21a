import Foundation

extension OpenAPIAction {
    /// Devices that bring their own DeviceName and DeviceSecret, and tags.
    static let imports: [OpenAPIAction] = [
        OpenAPIAction(
            "ImportDevice", callsPerSecond: 50, required: ["ProductKey", "DeviceName", "DeviceSecret"]
        ) { state, parameters throws(BusinessError) in
            let product = try state.product(parameters)
            let (name, secret) = (parameters["DeviceName"] ?? "", parameters["DeviceSecret"] ?? "")
            guard CloudState.isDeviceName(name) else { throw .badDeviceName }
            guard CloudState.isImportedSecret(secret) else { throw .badParameter("DeviceSecret") }
            if let serial = parameters["Sn"], serial.utf8.count > 64 { throw .badParameter("Sn") }
            if let nickname = parameters["Nickname"], !CloudState.isNickname(nickname) {
                throw .badParameter("Nickname")
            }
            let key = DeviceKey(product: product.key, name: name)
            guard state.devices[key] == nil else { throw .nameExists }
            let device = state.create(key, nickname: parameters["Nickname"], secret: secret)
            return .data([
                "ProductKey": .string(product.key), "DeviceName": .string(name), "DeviceSecret": .string(secret),
                "IotId": .string(device.iotID), "Nickname": .text(device.nickname), "Sn": .text(parameters["Sn"]),
            ])
        },
        OpenAPIAction("SaveDeviceProp", callsPerSecond: 50, required: ["Props"]) {
            state, parameters throws(BusinessError) in
            let key = try state.device(parameters).key
            let text = parameters["Props"] ?? ""
            let object = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]
            guard text.utf8.count <= 5 << 10, let object, !object.isEmpty else { throw .badParameter("Props") }
            let tags = object.mapValues { "\($0)" }
            guard state.devices[key]?.tags.merging(tags, uniquingKeysWith: { $1 }).count ?? 0 <= 100 else {
                throw .badParameter("Props")
            }
            state.update(key) { device in
                device.tags.merge(tags) { $1 }
                device.modified = CloudTime.now()
            }
            return OpenAPIResult()
        },
        OpenAPIAction("QueryDeviceProp", callsPerSecond: 50) { state, parameters throws(BusinessError) in
            let tags = try state.device(parameters).tags.sorted { $0.key < $1.key }
            let props = CloudJSON.object(tags.map { ($0.key, .string($0.value)) })
            return OpenAPIResult(members: [("Props", .string(props.text))])
        },
    ]
}

extension CloudState {
    /// Whether an imported DeviceSecret is 1–32 characters of `A–Z a–z 0–9 - _ @ . :`.
    static func isImportedSecret(_ secret: String) -> Bool {
        !secret.isEmpty && isDeviceName(String(repeating: "x", count: max(0, 4 - secret.utf8.count)) + secret)
    }
}

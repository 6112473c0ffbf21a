extension OpenAPIAction {
    /// ClientIDs of devices registered without pre-registration: list, switch and clear, as the console has them.
    ///
    /// They answer `Code` "Success", as their documentation prints it.
    static let clientIDs: [OpenAPIAction] = [
        OpenAPIAction("QueryClientIds", callsPerSecond: 10, required: ["IotId"]) {
            state, parameters throws(BusinessError) in
            let device = try state.device(parameters)
            let clients = device.clients.map { client -> CloudJSON in
                ["ClientId": .string(client.id), "CreateTime": .integer(client.created)]
            }
            // A plain list, as the SDK reads it; the documentation prints a wrapper of the same name around it.
            return OpenAPIResult(
                members: [("Data", ["IotId": .string(device.iotID), "DynamicRegClientIds": .array(clients)])],
                code: "Success")
        },
        OpenAPIAction("TransformClientId", callsPerSecond: 10, required: ["IotId", "ClientId"]) {
            state, parameters throws(BusinessError) in
            let device = try state.device(parameters)
            guard let kept = parameters["ClientId"], device.clients.contains(where: { $0.id == kept }) else {
                throw .badParameter("ClientId")
            }
            return OpenAPIResult(closed: state.keepClient(kept, of: device.key), code: "Success")
        },
        OpenAPIAction("DeleteClientIds", callsPerSecond: 10, required: ["IotId"]) {
            state, parameters throws(BusinessError) in
            let device = try state.device(parameters)
            return OpenAPIResult(closed: state.keepClient(nil, of: device.key), code: "Success")
        },
    ]
}

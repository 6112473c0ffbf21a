extension OpenAPIAction {
    /// What changes a device: envelope alone as answer, repeatable but for DeleteDevice.
    static let life: [OpenAPIAction] = [
        OpenAPIAction("ResetThing", callsPerSecond: 500) { state, parameters throws(BusinessError) in
            state.reset(try state.device(parameters).key)
            return OpenAPIResult()
        },
        OpenAPIAction("DeleteDevice", callsPerSecond: 500) { state, parameters throws(BusinessError) in
            let session = state.delete(try state.device(parameters))
            return OpenAPIResult(closed: session.map { [$0] } ?? [])
        },
        OpenAPIAction("DisableThing", callsPerSecond: 500) { state, parameters throws(BusinessError) in
            let session = state.setDisabled(true, try state.device(parameters).key)
            return OpenAPIResult(closed: session.map { [$0] } ?? [])
        },
        OpenAPIAction("EnableThing", callsPerSecond: 500) { state, parameters throws(BusinessError) in
            _ = state.setDisabled(false, try state.device(parameters).key)
            return OpenAPIResult()
        },
    ]
}

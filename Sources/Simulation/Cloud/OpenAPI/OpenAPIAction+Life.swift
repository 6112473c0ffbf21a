extension OpenAPIAction {
    /// What changes a device: envelope alone as answer, repeatable but for DeleteDevice.
    static let life: [OpenAPIAction] = [
        OpenAPIAction("ResetThing", callsPerSecond: 500) { state, parameters throws(BusinessError) in
            state.reset(try state.device(parameters).key)
            return OpenAPIResult()
        },
        OpenAPIAction("DeleteDevice", callsPerSecond: 500) { state, parameters throws(BusinessError) in
            OpenAPIResult(closed: state.delete(try state.device(parameters)))
        },
        OpenAPIAction("DisableThing", callsPerSecond: 500) { state, parameters throws(BusinessError) in
            OpenAPIResult(closed: state.setDisabled(true, try state.device(parameters).key))
        },
        OpenAPIAction("EnableThing", callsPerSecond: 500) { state, parameters throws(BusinessError) in
            _ = state.setDisabled(false, try state.device(parameters).key)
            return OpenAPIResult()
        },
    ]
}

extension BoardUnit {
    /// As `--json` and the control socket print it.
    public var json: JSONValue {
        [
            "unit": .int(id), "order": .string(order), "ordinal": .init(ordinal), "product_key": .string(productKey),
            "identity_kind": .string(identity.kind.rawValue), "identity": .string(identity.value),
            "uid": .string(uid.hex), "uid_source": .string(uid.source.rawValue),
            "device_name": .string(deviceName.text), "state": .string(state.rawValue), "runs": .init(runs),
            "iot_id": .init(iotID), "pending": .init(pending?.rawValue), "client_id": .init(clientID),
            "iccid": .init(iccid),
        ]
    }
}

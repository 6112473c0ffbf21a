extension Release {
    /// As `--json` and the control socket print it.
    public var json: JSONValue {
        [
            "profile": .string(profile), "version": .string(version), "sha256": .string(sha256),
            "device_sdk": .init(deviceSDK), "ship": .object(ship.mapValues(JSONValue.string)),
            "images": .array(
                images.map {
                    [
                        "region": .string($0.region), "file": .string($0.file), "size": .init($0.size),
                        "sha256": .string($0.sha256),
                    ]
                }),
        ]
    }
}

extension FuzzTarget {
    /// Where leaf targets read bytes of strangers: what `fuzz` can be told to run, and what the tests run first.
    public static let leaf: [FuzzTarget] = [
        slip, espressif, espImage, nvs, stm32, usb, dfuFile, dfuMemory, at, smpFrame, smp, mcuboot, mqtt, json, time,
        scan,
        rules,
    ]
}

import BoardProtocols

/// The kinds of boards that can be simulated, named as the shipped board profiles.
public enum SimulatedFamily: String, Sendable, Codable, CaseIterable {
    case esp32c3, esp32, esp32s3, esp8266
    case stm32UART = "stm32-uart"
    case stm32DFU = "stm32-dfu"
    case nrfSMP = "nrf-smp"
    case espAT = "esp-at"
    case lteCat1 = "lte-cat1"
    case atExternal = "at-external"

    /// How it works inside.
    var family: any BoardFamily {
        switch self {
        case .esp32c3: EspressifFamily(chip: .esp32c3)
        case .esp32: EspressifFamily(chip: .esp32)
        case .esp32s3: EspressifFamily(chip: .esp32s3)
        case .esp8266: EspressifFamily(chip: .esp8266)
        case .stm32UART: MicrocontrollerFamily(loader: .uart, isPatched: false)
        case .stm32DFU: MicrocontrollerFamily(loader: .usb, isPatched: true)
        case .nrfSMP: ZephyrFamily()
        case .espAT: ModuleFamily(kind: .espAT)
        case .lteCat1: ModuleFamily(kind: .lte)
        case .atExternal: ModuleFamily(kind: .external)
        }
    }

    /// Whether its loader is on USB.
    public var isOnUSB: Bool { family.usbDialect != nil }

    /// The files of a release for this kind of board, by name.
    /// - Throws: ``BoardError`` with code `image`.
    public func images(version: String) throws(BoardError) -> [String: [UInt8]] { try family.images(version: version) }
}

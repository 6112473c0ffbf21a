import Bench

/// The two dialects that `usb-board` speaks, and how each of its boards shows up.
enum Dialect: String, CaseIterable, Sendable {
    /// ST's extension: addresses, sectors and a readable UID.
    case dfuse
    /// DFU 1.1: an alternate setting is a memory without addresses; the serial number alone tells boards apart.
    case dfu

    /// Ids of the board in its loader.
    var loader: USBID {
        switch self {
        case .dfuse: USBID(vendor: 0x0483, product: 0xDF11)
        case .dfu: USBID(vendor: 0x1209, product: 0x0001)
        }
    }

    /// Ids of the board in its firmware.
    var firmware: USBID {
        switch self {
        case .dfuse: USBID(vendor: 0x0483, product: 0x5740)
        case .dfu: USBID(vendor: 0x1209, product: 0x0002)
        }
    }

    /// What a profile says of such a board.
    var options: DFULoader.Options {
        switch self {
        case .dfuse: DFULoader.Options(loaders: [loader], firmware: [firmware], uidAddress: 0x1FFF_7A10)
        case .dfu: DFULoader.Options(loaders: [loader], firmware: [firmware], alternates: ["cred": 1])
        }
    }

    /// Where the credential lies in the flash file, and how it is addressed.
    static let credentialOffset = 0xF0000

    /// A firmware image.
    /// - Parameter offset: its place in the flash file; DFU 1.1 knows only 0.
    func application(_ image: [UInt8], at offset: Int = 0) -> FlashRegion {
        switch self {
        case .dfuse:
            FlashRegion(name: "app", offset: 0x0800_0000 + UInt32(offset), image: image, sector: 0x20000)
        case .dfu: FlashRegion(name: "app", offset: 0, image: image)
        }
    }

    /// A credential image at ``credentialOffset`` of the flash file; DFU 1.1 only, where the offset only tells it apart.
    static func credential(_ image: [UInt8]) -> FlashRegion {
        FlashRegion(name: "cred", offset: 0x8000_0000, image: image)
    }
}

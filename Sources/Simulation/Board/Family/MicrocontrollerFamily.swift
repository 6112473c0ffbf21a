import BoardProtocols
import Provisioning

/// An STM32F4 with 1 MiB of flash: an application at the start of flash, the credential in a sector of its own or patched
/// into the image, the firmware's own data in the last sectors.
struct MicrocontrollerFamily: BoardFamily {
    /// The way into the loader.
    enum Loader: Sendable {
        /// The UART bootloader in system memory, on the board's port.
        case uart
        /// USB DFU: the loader is not on the port.
        case usb
    }

    let loader: Loader
    /// Whether the credential stands in the image and not in a sector of its own.
    let isPatched: Bool

    static let base: UInt32 = 0x0800_0000
    private static let imageSize = 96 << 10
    /// Largest application.
    private static let appLimit = 256 << 10
    private static let credential = 0x8_0000
    private static let storage = PartitionTable.Partition(
        "storage", type: 1, subtype: 2, offset: 0xC_0000, size: 0x6000)

    var flashSize: Int { 1 << 20 }
    var usbDialect: String? { loader == .usb ? "dfuse" : nil }

    func loader(_ identity: BoardIdentity, _ flash: FlashChip) -> (any WireModel)? {
        switch loader {
        case .uart: STM32LoaderModel.f4(flash: flash, uid: Array(identity.uid.prefix(12)), serial: nil)
        case .usb: nil
        }
    }

    func loaderLines(afterPowerOn: Bool) -> [String] { [] }

    func boot(_ flash: FlashChip, _ identity: BoardIdentity) -> BootSequence {
        guard let image = PlainImage(flash.read(0, Self.appLimit)) else {
            return BootSequence(lines: ["boot: no valid application"], outcome: .halted)
        }
        let isPatched = isPatched
        let installed = InstalledFirmware(version: image.version, nvs: Self.storage) {
            isPatched ? Self.patchedCredential(flash) : Self.regionCredential(flash)
        }
        return BootSequence(lines: ["boot: application \(image.length) bytes"], outcome: .application(installed))
    }

    func images(version: String) throws(BoardError) -> [String: [UInt8]] {
        ["app.bin": PlainImage.build(version: version, base: Self.base, size: Self.imageSize)]
    }

    private static func patchedCredential(
        _ flash: FlashChip
    ) -> Result<InstalledFirmware.Credential, InstalledFirmware.Missing> {
        guard let found = PlainImage.credential(in: flash.read(0, 512)) else {
            return .failure(.init(text: "none in the image"))
        }
        return .success(.init(productKey: found.key, productSecret: Secret(bytes: found.secret)))
    }

    /// Reads the region as firmware would, by the layout that the station's documentation describes.
    private static func regionCredential(
        _ flash: FlashChip
    ) -> Result<InstalledFirmware.Credential, InstalledFirmware.Missing> {
        let bytes = flash.read(credential, 1024)
        guard bytes.starts(with: Array("CRED".utf8)), let length = LittleEndian.u32(bytes, at: 8),
            let expected = LittleEndian.u32(bytes, at: 12), Int(length) <= bytes.count - 16,
            CRC32.checksum(Array(bytes[..<12]) + bytes[16..<16 + Int(length)]) == expected
        else { return .failure(.init(text: "the credential region is blank or damaged")) }
        var values: [String: [UInt8]] = [:]
        for line in bytes[16..<16 + Int(length)].split(separator: 0x0A) {
            let parts = line.split(separator: 0x3D, maxSplits: 1)
            if parts.count == 2 { values[String(decoding: parts[0], as: UTF8.self)] = Array(parts[1]) }
        }
        guard let key = values["product_key"], let secret = values["product_secret"] else {
            return .failure(.init(text: "a key is missing in the credential region"))
        }
        return .success(
            .init(productKey: String(decoding: key, as: UTF8.self), productSecret: Secret(bytes: secret)))
    }
}

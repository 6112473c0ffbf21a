import BoardProtocols
import Crypto
import Provisioning

/// A Zephyr board with MCUboot: serial recovery as its loader, an application that answers SMP on its console.
struct ZephyrFamily: BoardFamily {
    private static let primary = SMPSlot(offset: 0xC000, size: 0x7_4000)
    private static let spare = SMPSlot(offset: 0x8_0000, size: 0x7_4000)
    private static let settings = 0xF_8000
    private static let storage = PartitionTable.Partition(
        "storage", type: 1, subtype: 2, offset: 0xF_9000, size: 0x6000)
    private static let imageSize = 64 << 10

    var flashSize: Int { 1 << 20 }

    func loader(_ identity: BoardIdentity, _ flash: FlashChip) -> (any WireModel)? {
        SMPServerModel(.recovery, flash: flash, slots: [Self.primary], settingsOffset: Self.settings)
    }

    func loaderLines(afterPowerOn: Bool) -> [String] {
        ["*** Booting MCUboot ***", "I: Enter the serial recovery mode"]
    }

    func boot(_ flash: FlashChip, _ identity: BoardIdentity) -> BootSequence {
        let lines = ["*** Booting MCUboot ***"]
        guard let image = Self.primary.validImage(in: flash) else {
            return BootSequence(
                lines: lines + ["E: Image in the primary slot is not valid!", "E: Unable to find bootable image"],
                outcome: .halted)
        }
        let installed = InstalledFirmware(
            version: image.version.description, nvs: Self.storage, needsCredential: false
        ) { Self.credential(flash) }
        return BootSequence(lines: lines + ["*** Booting Zephyr OS ***"], outcome: .application(installed))
    }

    func application(
        _ identity: BoardIdentity, _ flash: FlashChip, _ version: String
    ) -> (any ApplicationModel)? {
        var server = SMPServerModel(
            .application, flash: flash, slots: [Self.primary, Self.spare], settingsOffset: Self.settings)
        server.deviceID = Array(identity.uid.prefix(8))
        return SMPApplication(server: server)
    }

    func greeting(_ identity: BoardIdentity, version: String) -> [String] {
        ["<inf> app: version \(version)", "<inf> app: ready"]
    }

    func images(version: String) throws(BoardError) -> [String: [UInt8]] {
        ["app.signed.bin": try Self.image(version)]
    }

    /// The board comes with its maker's firmware: it says who it is.
    func factoryFlash() throws(BoardError) -> [(offset: Int, bytes: [UInt8])] {
        [(Self.primary.offset, try Self.image("0.1.0"))]
    }

    private static func image(_ text: String) throws(BoardError) -> [UInt8] {
        let parts = text.split(separator: ".").compactMap { UInt16($0) }
        guard parts.count == 3, parts[0] < 256, parts[1] < 256 else {
            throw BoardError(.image, "version \"\(text)\": expected MAJOR.MINOR.REVISION")
        }
        let seed = UInt64(parts[0]) << 32 | UInt64(parts[1]) << 16 | UInt64(parts[2])
        return MCUbootImage.build(
            payload: FirmwareImages.code(imageSize, seed: seed),
            version: .init(UInt8(parts[0]), UInt8(parts[1]), parts[2])
        ) { Array(SHA256.hash(data: $0)) }
    }

    private static func credential(
        _ flash: FlashChip
    ) -> Result<InstalledFirmware.Credential, InstalledFirmware.Missing> {
        let values = SMPSettings(offset: settings, in: flash).values
        guard let key = values["cred/product_key"], let secret = values["cred/product_secret"] else {
            return .failure(.init(text: "no credential in the settings"))
        }
        return .success(
            .init(productKey: String(decoding: key, as: UTF8.self), productSecret: Secret(bytes: secret)))
    }
}

/// A running application that answers SMP between the lines of its log.
private struct SMPApplication: ApplicationModel {
    var server: SMPServerModel

    mutating func receive(_ input: [UInt8]) -> [WireAction] { server.receive(input) }
    mutating func takeEvents() -> [ApplicationEvent] { [] }
    mutating func unsolicited(_ text: String) -> [UInt8] { Array("\(text)\r\n".utf8) }
}

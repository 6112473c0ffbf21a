/// Boards with a chip of Espressif's: the ROM's loader, ESP-IDF's boot, an application with a console of lines.
struct EspressifFamily: BoardFamily {
    func loader(_ identity: BoardIdentity, _ flash: FlashChip) -> (any WireModel)? {
        EspressifLoaderModel(identity: identity, flash: flash)
    }

    func loaderLines(afterPowerOn: Bool) -> [String] { BootSequence.loaderLines(afterPowerOn: afterPowerOn) }

    func boot(_ flash: FlashChip, _ identity: BoardIdentity) -> BootSequence { BootSequence(flash) }

    func images(version: String) throws(BoardError) -> [String: [UInt8]] {
        let images = try FirmwareImages(version: version)
        return [
            "bootloader.bin": images.bootloader, "partition-table.bin": images.partitionTable, "app.bin": images.app,
        ]
    }
}

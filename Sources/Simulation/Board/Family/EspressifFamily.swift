import BoardProtocols

/// Boards with a chip of Espressif's: the ROM's loader, ESP-IDF's boot, an application with a console of lines.
struct EspressifFamily: BoardFamily {
    let chip: EspressifChip

    func loader(_ identity: BoardIdentity, _ flash: FlashChip) -> (any WireModel)? {
        EspressifLoaderModel(identity: identity, flash: flash, chip: chip)
    }

    func loaderLines(afterPowerOn: Bool) -> [String] {
        BootSequence.loaderLines(afterPowerOn: afterPowerOn, chip: chip)
    }

    func boot(_ flash: FlashChip, _ identity: BoardIdentity) -> BootSequence { BootSequence(flash, chip: chip) }

    func images(version: String) throws(BoardError) -> [String: [UInt8]] {
        let images = try FirmwareImages(version: version, chip: chip)
        return [
            "bootloader.bin": images.bootloader, "partition-table.bin": images.partitionTable, "app.bin": images.app,
        ]
    }
}

import BoardProtocols
import Crypto

/// What a chip does after reset in normal boot mode: ROM, second-stage bootloader, hand-over to the application.
///
/// Reads the flash as it is, so a wrong byte in a header, a segment or the table ends the boot with the line a real
/// chip prints. Pure: the caller prints the lines and starts the firmware.
struct BootSequence {
    /// How the boot ended.
    enum Outcome {
        case application(InstalledFirmware)
        /// The chip resets itself and tries again.
        case retry
        /// Nothing more happens.
        case halted
    }

    /// The console lines, in order, without line ends.
    private(set) var lines: [String] = []
    private(set) var outcome = Outcome.halted

    private var chip = EspressifChip.esp32c3
    private var text: BootText { BootText(chip: chip) }

    /// A boot that ended as told.
    init(lines: [String], outcome: Outcome) { (self.lines, self.outcome) = (lines, outcome) }

    /// What the ROM prints when it is strapped into its loader.
    static func loaderLines(afterPowerOn: Bool, chip: EspressifChip = .esp32c3) -> [String] {
        BootText(chip: chip).loader(afterPowerOn ? .power : .software)
    }

    /// Boots `chip` from `flash`.
    init(_ flash: FlashChip, chip: EspressifChip = .esp32c3) {
        self.chip = chip
        lines = text.banner(.power, .flash)
        guard let bootloader = loadBootloader(flash) else {
            outcome = .retry
            return
        }
        lines += text.loading(bootloader)
        for (index, line) in text.bootloader.enumerated() { log("I", 24 + index, "boot", line) }
        guard let table = loadTable(flash) else { return }
        guard let version = loadApplication(flash, table) else { return }
        outcome = .application(InstalledFirmware(version: version, table: table, flash: flash))
    }

    private mutating func log(_ level: String, _ time: Int, _ tag: String, _ text: String) {
        lines.append("\(level) (\(time)) \(tag): \(text)")
    }

    private static func sha256(_ bytes: ArraySlice<UInt8>) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// The ROM checks header and check value of the image at the bootloader's offset.
    private mutating func loadBootloader(_ flash: FlashChip) -> ESPImage? {
        let start = Int(chip.bootloaderOffset)
        let bytes = flash.read(start, PartitionTable.offset - start)
        do {
            return try image(bytes)
        } catch {
            lines += text.refusal(error, word: LittleEndian.u32(bytes, at: 0) ?? 0)
            return nil
        }
    }

    private func image(_ bytes: [UInt8]) throws(ESPImageError) -> ESPImage {
        try ESPImage(parsing: bytes, extendedHeader: chip.imageChipID != nil, sha256: Self.sha256)
    }

    private mutating func loadTable(_ flash: FlashChip) -> PartitionTable? {
        do {
            let table = try PartitionTable(parsing: flash.read(PartitionTable.offset, PartitionTable.length))
            log("I", 40, "boot", "Partition Table:")
            log("I", 43, "boot", "## Label            Usage          Type ST Offset   Length")
            for (index, part) in table.partitions.enumerated() {
                let label = part.label + String(repeating: " ", count: max(0, 17 - part.label.utf8.count))
                let use = part.type == 0 ? "factory app     " : "\(part.subtype == 2 ? "WiFi" : "RF") data        "
                log(
                    "I", 50 + 7 * index, "boot",
                    " \(index) \(label)\(use) \(hex(Int(part.type), digits: 2)) \(hex(Int(part.subtype), digits: 2)) "
                        + "\(hex(part.offset, digits: 8)) \(hex(part.size, digits: 8))")
            }
            log("I", 80, "boot", "End of partition table")
            return table
        } catch {
            log("E", 40, "flash_parts", error.text)
            log("E", 41, "boot", "Failed to verify partition table")
            log("E", 42, "boot", "load partition table error!")
            return nil
        }
    }

    private mutating func loadApplication(_ flash: FlashChip, _ table: PartitionTable) -> String? {
        guard let place = table.partitions.first(where: { $0.type == 0 }) else {
            log("E", 90, "boot", "No bootable app partitions in the partition table")
            return nil
        }
        let bytes = flash.read(place.offset, place.size)
        do {
            let image = try image(bytes)
            if let expected = chip.imageChipID, let found = image.chipID, found != expected {
                log("E", 92, "boot_comm", "mismatch chip ID, expected \(expected), found \(found)")
                return nil
            }
            guard let application = image.application else {
                log("E", 93, "esp_image", "image at 0x\(hex(place.offset)) has no application description")
                return nil
            }
            for (index, segment) in image.segments.enumerated() {
                log(
                    "I", 95 + 10 * index, "esp_image",
                    "segment \(index): vaddr=\(hex(Int(segment.address), digits: 8)) size=\(hex(segment.data.count))h")
            }
            log("I", 180, "boot", "Loaded app from partition at offset 0x\(hex(place.offset))")
            return application.version
        } catch {
            explain(error, at: place.offset)
            log("E", 111, "boot", "Factory app partition is not bootable")
            log("E", 112, "boot", "No bootable app partitions in the partition table")
            return nil
        }
    }

    private mutating func explain(_ error: ESPImageError, at offset: Int) {
        switch error {
        case .magic(let byte):
            log(
                "E", 100, "esp_image",
                "image at 0x\(hex(offset)) has invalid magic byte 0x\(hex(Int(byte), digits: 2)) (nothing flashed here?)"
            )
        case .short, .segmentCount, .segment, .digestFlag:
            log("E", 100, "esp_image", "image at 0x\(hex(offset)) has an invalid segment length")
        case .checksum(let expected, let received):
            log(
                "E", 110, "esp_image",
                "Checksum failed. Calculated 0x\(hex(Int(expected))) read 0x\(hex(Int(received)))")
        case .digest:
            log("E", 110, "esp_image", "Image hash failed - image is corrupt")
        }
    }
}

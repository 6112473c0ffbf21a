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

    /// A boot that ended as told.
    init(lines: [String], outcome: Outcome) { (self.lines, self.outcome) = (lines, outcome) }

    /// The ROM's first lines after a reset for `cause` into `mode`.
    private static func banner(_ cause: String, _ mode: String) -> [String] {
        ["ESP-ROM:esp32c3-api1-20210207", "Build:Feb  7 2021", "rst:\(cause),boot:\(mode)"]
    }

    /// What the ROM prints when it is strapped into its loader.
    static func loaderLines(afterPowerOn: Bool) -> [String] {
        let cause = afterPowerOn ? "0x1 (POWERON)" : "0x3 (RTC_SW_SYS_RST)"
        return banner(cause, "0x4 (DOWNLOAD(USB/UART0/1))") + ["wait uart0 download"]
    }

    /// Boots from `flash`.
    init(_ flash: FlashChip) {
        lines = Self.banner("0x1 (POWERON)", "0x8 (SPI_FAST_FLASH_BOOT)")
        guard let bootloader = loadBootloader(flash) else {
            outcome = .retry
            return
        }
        lines += [
            "SPIWP:0xee", "mode:\(["QIO", "QOUT", "DIO", "DOUT"][Int(bootloader.flashMode & 3)]), clock div:1",
        ]
        for segment in bootloader.segments {
            lines.append("load:0x\(hex(Int(segment.address), digits: 8)),len:0x\(hex(segment.data.count))")
        }
        lines.append("entry 0x\(hex(Int(bootloader.entry), digits: 8))")
        log("I", 24, "boot", "ESP-IDF v5.3 2nd stage bootloader")
        log("I", 25, "boot", "chip revision: v0.4")
        guard let table = loadTable(flash) else { return }
        guard let version = loadApplication(flash, table) else { return }
        outcome = .application(InstalledFirmware(version: version, table: table, flash: flash))
    }

    private mutating func log(_ level: String, _ time: Int, _ tag: String, _ text: String) {
        lines.append("\(level) (\(time)) \(tag): \(text)")
    }

    private static func sha256(_ bytes: ArraySlice<UInt8>) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// The ROM checks header and check value of the image at 0, not its digest.
    private mutating func loadBootloader(_ flash: FlashChip) -> ESPImage? {
        let start = Int(ChipRegisters.chip.bootloaderOffset)
        let bytes = flash.read(start, PartitionTable.offset - start)
        do {
            return try ESPImage(parsing: bytes, sha256: Self.sha256)
        } catch {
            switch error {
            case .magic, .short:
                let word = hex(Int(LittleEndian.u32(bytes, at: 0) ?? 0), digits: 8)
                lines += [String](repeating: "invalid header: 0x\(word)", count: 3)
            case .checksum(let expected, let received):
                lines.append("csum err:0x\(hex(Int(received)))!=0x\(hex(Int(expected)))")
                lines.append("ets_main.c 329 ")
            case .digest:
                lines.append("Calculated hash does not match the bootloader's")
                lines.append("ets_main.c 329 ")
            case .segmentCount, .segment, .digestFlag:
                lines.append("invalid segment in the image at 0x\(hex(start))")
            }
            return nil
        }
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
            let image = try ESPImage(parsing: bytes, sha256: Self.sha256)
            if let expected = ChipRegisters.chip.imageChipID, image.chipID != expected {
                log("E", 92, "boot_comm", "mismatch chip ID, expected \(expected), found \(image.chipID)")
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

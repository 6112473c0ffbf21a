import BoardProtocols

/// The lines that a chip's mask ROM and second-stage bootloader print, each family in its own words.
///
/// Strings as the chips print them. The ESP8266's ROM prints at 74,880 baud, since its crystal runs at 26 MHz; the
/// simulation prints them at the UART's rate.
struct BootText {
    /// Why the chip was reset.
    enum Cause { case power, software }
    /// What its strapping pins say.
    enum Mode { case loader, flash }

    let chip: EspressifChip

    /// The ROM's first lines.
    func banner(_ cause: Cause, _ mode: Mode) -> [String] {
        let isPower = cause == .power
        switch (chip, mode) {
        case (.esp8266, _):
            return ["", " ets Jan  8 2013,rst cause:\(isPower ? 1 : 2), boot mode:(\(mode == .loader ? 1 : 3),7)", ""]
        case (.esp32, _):
            let reset = isPower ? "0x1 (POWERON_RESET)" : "0xc (SW_CPU_RESET)"
            let boot =
                mode == .loader ? "0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))" : "0x13 (SPI_FAST_FLASH_BOOT)"
            return ["ets Jul 29 2019 12:21:46", "", "rst:\(reset),boot:\(boot)"]
        default:
            let reset = isPower ? "0x1 (POWERON)" : "0x3 (RTC_SW_SYS_RST)"
            let isS3 = chip == .esp32s3
            let boot =
                mode == .flash
                ? "0x8 (SPI_FAST_FLASH_BOOT)" : isS3 ? "0x0 (DOWNLOAD(USB/UART0))" : "0x4 (DOWNLOAD(USB/UART0/1))"
            let build =
                isS3
                ? ["ESP-ROM:esp32s3-20210327", "Build:Mar 27 2021"]
                : ["ESP-ROM:esp32c3-api1-20210207", "Build:Feb  7 2021"]
            return build + ["rst:\(reset),boot:\(boot)"]
        }
    }

    /// What the ROM prints when it is strapped into its loader; the ESP8266's says no more than its boot mode.
    func loader(_ cause: Cause) -> [String] {
        banner(cause, .loader) + (chip == .esp8266 ? [] : ["waiting for download"])
    }

    /// What the ROM prints while it loads the second-stage bootloader.
    func loading(_ image: ESPImage) -> [String] {
        guard chip != .esp8266 else { return loadingESP8266(image) }
        let isESP32 = chip == .esp32
        let mode = ["QIO", "QOUT", "DIO", "DOUT"][Int(image.flashMode & 3)]
        var lines = [isESP32 ? "configsip: 0, SPIWP:0xee" : "SPIWP:0xee"]
        if isESP32 { lines.append("clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00") }
        lines.append("mode:\(mode), clock div:\(isESP32 ? 2 : 1)")
        for segment in image.segments {
            let size = isESP32 ? "\(segment.data.count)" : "0x\(hex(segment.data.count))"
            lines.append("load:0x\(hex(Int(segment.address), digits: 8)),len:\(size)")
        }
        return lines + ["entry 0x\(hex(Int(image.entry), digits: 8))"]
    }

    /// The ROM reads 16 bytes at a time: `room` is what is left of them behind a segment's header, `tail` what the
    /// segment leaves of the last ones; `chksum` is the check value so far.
    private func loadingESP8266(_ image: ESPImage) -> [String] {
        var lines: [String] = []
        var check: UInt8 = 0xEF
        var position = 8
        for segment in image.segments {
            position += 8
            let room = 16 - position % 16
            position += segment.data.count
            check = segment.data.reduce(check, ^)
            lines += [
                "load 0x\(hex(Int(segment.address), digits: 8)), len \(segment.data.count), room \(room) ",
                "tail \(position % 16)", "chksum 0x\(hex(Int(check), digits: 2))",
            ]
        }
        return lines + ["csum 0x\(hex(Int(check), digits: 2))"]
    }

    /// Why the ROM does not start what it found at the bootloader's place. `word` is the first one there.
    func refusal(_ error: ESPImageError, word: UInt32) -> [String] {
        let last = chip == .esp8266 ? "ets_main.c " : chip == .esp32 ? "ets_main.c 371 " : "ets_main.c 329 "
        switch error {
        case .magic, .short:
            if chip == .esp8266 { return [last] }
            return [String](repeating: "invalid header: 0x\(hex(Int(word), digits: 8))", count: 3)
        case .checksum(let expected, let received):
            if chip == .esp8266 { return ["csum 0x\(hex(Int(expected), digits: 2))", "csum err", last] }
            return ["csum err:0x\(hex(Int(received)))!=0x\(hex(Int(expected)))", last]
        case .digest: return ["Calculated hash does not match the bootloader's", last]
        case .segmentCount, .segment, .digestFlag:
            return ["invalid segment in the image at 0x\(hex(Int(chip.bootloaderOffset)))"]
        }
    }

    /// The second-stage bootloader's first lines: what it is and, on newer chips, the chip's revision.
    var bootloader: [String] {
        switch chip {
        case .esp8266: ["ESP-IDF v3.4 2nd stage bootloader"]
        case .esp32: ["ESP-IDF v5.3 2nd stage bootloader", "chip revision: v3.1"]
        case .esp32s3: ["ESP-IDF v5.3 2nd stage bootloader", "chip revision: v0.2"]
        default: ["ESP-IDF v5.3 2nd stage bootloader", "chip revision: v0.4"]
        }
    }
}

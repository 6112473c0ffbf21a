import Provisioning

/// Commands of the usual flashers. Each is a plain value: a profile may state the same words itself. None of them
/// erases a whole chip, and all leave the board where it can be compared.
extension ExternalTool {
    /// Espressif's esptool, from version 5 (option names with dashes).
    ///
    /// Options: esptool documentation, "Basic Commands" (write-flash, verify-flash) and "Advanced Options" (--before,
    /// --after). `{chip}` is esptool's name, such as `esp32c3`.
    /// - Parameter before: `default-reset` by modem lines; `no-reset` where the slot's control resets the board.
    public static func esptool(
        program: String = "esptool", before: String = "default-reset", after: String = "no-reset"
    ) throws -> ExternalTool {
        let common = [
            "{tool}", "--chip", "{chip}", "--port", "{port}", "--baud", "{baud}", "--before", before, "--after", after,
        ]
        return try ExternalTool(
            name: "esptool", program: program, versionArguments: ["version"],
            versionPattern: ConsolePattern(#"^(?:esptool(?:\.py)? v)?(\d+\.\d+\S*)$"#),
            write: ToolTemplate(common + ["write-flash", "{offset}", "{file}"]),
            verification: .status(ToolTemplate(common + ["verify-flash", "{offset}", "{file}"])),
            progress: ConsolePattern(#"(\d+(?:\.\d+)?) ?%"#),
            failures: [
                try failure("Verification failed|verify FAILED|MD5 of file does not match", .verifyMismatch),
                try failure("This chip is .*, not |Wrong --chip|chip is not", .wrongChip),
                try failure("[Ss]ecure [Dd]ownload", .securityLocked),
                try failure("Failed to connect|No serial data received|Timed out waiting", .noResponse),
                try failure("[Cc]hecksum error|Invalid head of packet|Packet content transfer stopped", .noise),
                try failure("No such file or directory.*tty|device disconnected|ClearCommError", .portLost),
                try failure("[Cc]ould not open|port is busy|Could not exclusively lock", .portUnavailable),
            ])
    }

    /// dfu-util with ST's DfuSe extension: addresses in flash, read back and compared.
    ///
    /// Options: dfu-util(1), --path, --alt, --dfuse-address `ADDRESS[:LENGTH]`, --download, --upload. The device is
    /// chosen by its USB port path, so that equal serial numbers do no harm. Without `leave` the board stays in its
    /// bootloader.
    public static func dfuSe(program: String = "dfu-util", alternate: Int = 0) throws -> ExternalTool {
        let common = ["{tool}", "--path", "{port_path}", "--alt", "\(alternate)", "--dfuse-address"]
        return try dfuUtil(
            program, write: common + ["{offset}", "--download", "{file}"],
            read: common + ["{offset}:{size}", "--upload", "{file}"], written: "File downloaded successfully|Done!")
    }

    /// dfu-util with plain DFU 1.1: one image, always at the start.
    ///
    /// Options: dfu-util(1), --upload-size. Only for devices that allow upload (bitCanUpload) and stay in DFU mode
    /// after the download (bitManifestationTolerant).
    public static func dfu(program: String = "dfu-util", alternate: Int = 0) throws -> ExternalTool {
        let common = ["{tool}", "--path", "{port_path}", "--alt", "\(alternate)"]
        return try dfuUtil(
            program, write: common + ["--download", "{file}"],
            read: common + ["--upload-size", "{size}", "--upload", "{file}"], written: "Done!")
    }

    private static func dfuUtil(
        _ program: String, write: [String], read: [String], written: String
    ) throws -> ExternalTool {
        try ExternalTool(
            name: "dfu-util", program: program, versionArguments: ["--version"],
            versionPattern: ConsolePattern(#"^dfu-util (\d\S*)"#), write: ToolTemplate(write),
            written: ConsolePattern(written), verification: .readBack(ToolTemplate(read)),
            progress: ConsolePattern(#"^Download\s.*?(\d+)%"#),
            failures: [
                try failure("No DFU capable USB device|Lost device", .portLost),
                try failure("Cannot open device|Cannot claim interface", .portUnavailable),
                try failure("errVERIFY", .verifyMismatch),
                failure("errADDRESS|Last page at .* is not writeable", .flashChip),
                try failure("errVENDOR|[Rr]ead protect", .securityLocked),
                try failure("LIBUSB_ERROR|USB communication error", .noise),
            ])
    }

    /// OpenOCD through an SWD or JTAG probe at a USB port path.
    ///
    /// Commands: OpenOCD User's Guide 0.12, "Flash Programming" (program), "Image access" (verify_image), "Debug
    /// Adapter Configuration" (adapter usb location), "Server Configuration" (ports disabled, so that several may run
    /// at once).
    /// - Parameters:
    ///   - interface: configuration file below `interface/`, without `.cfg`; `{chip}` names the one below `target/`.
    public static func openOCD(program: String = "openocd", interface: String) throws -> ExternalTool {
        let common = [
            "{tool}", "-c", "gdb_port disabled", "-c", "tcl_port disabled", "-c", "telnet_port disabled", "-f",
            "interface/\(interface).cfg", "-c", "adapter usb location {port_path}", "-f", "target/{chip}.cfg",
        ]
        return try ExternalTool(
            name: "openocd", program: program, versionArguments: ["--version"],
            versionPattern: ConsolePattern(#"^Open On-Chip Debugger (\d\S*)"#),
            write: ToolTemplate(common + ["-c", "program {file} {offset} exit"]),
            written: ConsolePattern("Programming Finished"),
            verification: .status(
                ToolTemplate(
                    common + [
                        "-c", "init", "-c", "reset halt", "-c", "verify_image {file} {offset} bin", "-c", "shutdown",
                    ])),
            failures: [
                try failure("unable to (open|find)|no device found|open failed", .portLost),
                try failure("[Cc]hecksum mismatch|contents differ", .verifyMismatch),
                try failure("UNEXPECTED idcode|unexpected idcode", .wrongChip),
                try failure("target voltage|init mode failed|[Cc]annot read IDR|not halted", .noResponse),
            ])
    }

    /// pyOCD through a CMSIS-DAP or ST-Link probe, chosen by its unique id in `{port}`.
    ///
    /// Options: pyOCD documentation, "Command line" (flash: --uid, --target, --erase, --base-address, --format) and
    /// "Commands" (savemem ADDR LEN FILENAME). `{chip}` is pyOCD's target name.
    public static func pyOCD(program: String = "pyocd") throws -> ExternalTool {
        try ExternalTool(
            name: "pyocd", program: program, versionArguments: ["--version"],
            versionPattern: ConsolePattern(#"^v?(\d+\.\d+\S*)$"#),
            write: ToolTemplate([
                "{tool}", "flash", "--uid", "{port}", "--target", "{chip}", "--erase", "sector", "--base-address",
                "{offset}", "--format", "bin", "--no-reset", "{file}",
            ]),
            verification: .readBack(
                ToolTemplate([
                    "{tool}", "commander", "--uid", "{port}", "--target", "{chip}", "--command",
                    "savemem {offset} {size} {file}",
                ])),
            progress: ConsolePattern(#"(\d+)%"#),
            failures: [
                try failure("[Nn]o (available|connected) (debug )?probe|Unable to open", .portLost),
                try failure("No ACK|Transfer(Fault|Timeout)|no acknowledge", .noResponse),
                try failure("[Ll]ocked|security", .securityLocked),
            ])
    }

    /// avrdude with a serial bootloader, which erases page by page.
    ///
    /// Options: avrdude(1): -p `{chip}`, -c, -P, -b, -D (no whole-chip erase before the write), -U
    /// memory:operation:file:format. `{chip}` is avrdude's part id, such as `m328p`. Programmers that need a chip erase
    /// (ISP) do not fit: -D keeps them from it, and verification then fails.
    public static func avrdude(program: String = "avrdude", programmer: String = "arduino") throws -> ExternalTool {
        let common = ["{tool}", "-p", "{chip}", "-c", programmer, "-P", "{port}", "-b", "{baud}", "-D", "-U"]
        return try ExternalTool(
            name: "avrdude", program: program, versionArguments: ["-?"],
            versionPattern: ConsolePattern(#"avrdude version (\d[^\s,]*)"#),
            write: ToolTemplate(common + ["flash:w:{file}:r"]),
            verification: .status(ToolTemplate(common + ["flash:v:{file}:r"])),
            progress: ConsolePattern(#"Writing \|.*\| (\d+)%"#),
            failures: [
                try failure("verification (error|mismatch)|verification error", .verifyMismatch),
                try failure("[Dd]evice signature .*(not match|expected)|Expected signature", .wrongChip),
                try failure("not in sync|not responding|programmer is not responding", .noResponse),
                try failure("can't open device|cannot open port|unable to open port", .portUnavailable),
            ])
    }

    /// stm32flash through ST's UART bootloader, read back and compared.
    ///
    /// Options: stm32flash(1): -b, -S `ADDRESS:LENGTH`, -w with -f (the file is binary whatever it looks like), -r. Has
    /// no option that tells its version: it prints its name and version before it looks at the port, so `/dev/null`
    /// does.
    public static func stm32flash(program: String = "stm32flash") throws -> ExternalTool {
        let common = ["{tool}", "-b", "{baud}", "-S", "{offset}:{size}"]
        return try ExternalTool(
            name: "stm32flash", program: program, versionArguments: ["/dev/null"],
            versionPattern: ConsolePattern(#"^stm32flash (\d\S*)"#),
            write: ToolTemplate(common + ["-f", "-w", "{file}", "{port}"]),
            verification: .readBack(ToolTemplate(common + ["-r", "{file}", "{port}"])),
            progress: ConsolePattern(#"\((\d+(?:\.\d+)?)%\)"#),
            failures: [
                try failure("[Rr]ead.?protect|Read protection", .securityLocked),
                try failure("Failed to init device|[Tt]imeout", .noResponse),
                try failure("Failed to erase", .eraseTimeout), failure("Failed to verify", .verifyMismatch),
                try failure("Failed to open port|Cannot handle device", .portUnavailable),
                try failure("not supported|unknown/unsupported device", .wrongChip),
            ])
    }

    private static func failure(_ pattern: String, _ kind: LoaderError.Kind) throws -> Failure {
        Failure(try ConsolePattern(pattern), kind)
    }
}

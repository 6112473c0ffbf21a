extension SMPRequest {
    // MARK: - OS group

    /// The server answers `text` as `r`.
    public static func echo(_ text: String) -> SMPRequest {
        SMPRequest("echo", .write, group: SMPGroup.os, command: SMPGroup.OS.echo, [.init("d", .text(text))])
    }

    /// The board resets after it has answered.
    public static let reset = SMPRequest("reset", .write, group: SMPGroup.os, command: SMPGroup.OS.reset)

    /// Asks for `buf_size` (bytes of a frame with length and CRC) and `buf_count`.
    public static let parameters = SMPRequest(
        "MCUmgr parameters", .read, group: SMPGroup.os, command: SMPGroup.OS.parameters)

    /// Asks for facts about kernel and board; the answer's `output` is a text.
    /// - Parameter format: letters as those of `uname`, such as `sv`; nil for the kernel's name only.
    public static func osInfo(format: String? = nil) -> SMPRequest {
        SMPRequest(
            "OS info", .read, group: SMPGroup.os, command: SMPGroup.OS.info,
            format.map { [.init("format", .text($0))] } ?? [])
    }

    /// Asks for the bootloader's name (`bootloader`), or with a query, such as `mode`, for one of its properties.
    public static func bootloaderInfo(query: String? = nil) -> SMPRequest {
        SMPRequest(
            "bootloader info", .read, group: SMPGroup.os, command: SMPGroup.OS.bootloaderInfo,
            query.map { [.init("query", .text($0))] } ?? [])
    }

    // MARK: - Image group

    /// Asks for the list of images; see ``SMPImageSlot``.
    public static let imageState = SMPRequest(
        "image list", .read, group: SMPGroup.image, command: SMPGroup.Image.state)

    /// Marks an image for a test boot (`confirm` false), or makes it the one that stays.
    /// - Parameter hash: the image's own hash; nil means the running image, which can only be confirmed.
    public static func setImageState(hash: [UInt8]?, confirm: Bool) -> SMPRequest {
        SMPRequest(
            confirm ? "image confirm" : "image test", .write, group: SMPGroup.image, command: SMPGroup.Image.state,
            (hash.map { [.init("hash", .bytes($0))] } ?? []) + [.init("confirm", .bool(confirm))])
    }

    /// One piece of an image. The first one tells the image's number, length and the SHA-256 of the whole file, by which
    /// a server that lost its client goes on where it was.
    public static func upload(
        offset: Int, data: [UInt8], image: Int, length: Int, sha256: [UInt8]
    ) -> SMPRequest {
        var entries: [CBOR.Entry] = []
        if offset == 0 {
            entries = [
                .init("image", .integer(Int64(image))), .init("len", .integer(Int64(length))),
                .init("sha", .bytes(sha256)),
            ]
        }
        entries += [.init("off", .integer(Int64(offset))), .init("data", .bytes(data))]
        return SMPRequest("image upload", .write, group: SMPGroup.image, command: SMPGroup.Image.upload, entries)
    }

    /// Erases a slot that is not in use; 1 where none is named.
    public static func eraseImage(slot: Int? = nil) -> SMPRequest {
        SMPRequest(
            "image erase", .write, group: SMPGroup.image, command: SMPGroup.Image.erase,
            slot.map { [.init("slot", .integer(Int64($0)))] } ?? [])
    }

    // MARK: - Settings group

    /// Asks for a setting; the answer's `val` are its bytes, cut where `max_size` stands beside them.
    public static func readSetting(_ name: String, maxSize: Int? = nil) -> SMPRequest {
        SMPRequest(
            "settings read", .read, group: SMPGroup.settings, command: SMPGroup.Settings.value,
            [.init("name", .text(name))] + (maxSize.map { [.init("max_size", .integer(Int64($0)))] } ?? []))
    }

    /// Sets a setting in RAM; ``saveSettings`` makes it last.
    public static func writeSetting(_ name: String, _ value: [UInt8]) -> SMPRequest {
        SMPRequest(
            "settings write", .write, group: SMPGroup.settings, command: SMPGroup.Settings.value,
            [.init("name", .text(name)), .init("val", .bytes(value))])
    }

    public static func deleteSetting(_ name: String) -> SMPRequest {
        SMPRequest(
            "settings delete", .write, group: SMPGroup.settings, command: SMPGroup.Settings.delete,
            [.init("name", .text(name))])
    }

    /// Hands the settings that were set to the firmware's modules.
    public static let commitSettings = SMPRequest(
        "settings commit", .write, group: SMPGroup.settings, command: SMPGroup.Settings.commit)

    /// Writes all settings to the board's store.
    public static let saveSettings = SMPRequest(
        "settings save", .write, group: SMPGroup.settings, command: SMPGroup.Settings.store)

    /// Reads all settings from the board's store.
    public static let loadSettings = SMPRequest(
        "settings load", .read, group: SMPGroup.settings, command: SMPGroup.Settings.store)

    // MARK: - Shell group

    /// Runs a command of the firmware's shell; the answer's `o` is what it printed, `ret` its result.
    public static func shell(_ words: [String]) -> SMPRequest {
        SMPRequest(
            "shell command", .write, group: SMPGroup.shell, command: SMPGroup.Shell.execute,
            [.init("argv", .array(words.map { .text($0) }))])
    }
}

/// The application descriptor (`esp_app_desc_t`) that an ESP-IDF application carries at the start of its first
/// segment: version, project, ESP-IDF release.
///
/// Source: ESP-IDF "App Image Format", "Application Description".
public struct ESPApplication: Equatable, Sendable {
    /// The word the descriptor starts with.
    public static let magic: UInt32 = 0xABCD_5432
    /// Length in bytes.
    public static let length = 256

    public var secureVersion: UInt32
    /// Firmware version, up to 31 bytes: what the device reports to the cloud.
    public var version: String
    public var project: String
    public var time: String
    public var date: String
    public var idfVersion: String

    public init(
        version: String, project: String, time: String = "00:00:00", date: String = "Jan  1 2026",
        idfVersion: String = "v5.3", secureVersion: UInt32 = 0
    ) {
        self.version = version
        self.project = project
        self.time = time
        self.date = date
        self.idfVersion = idfVersion
        self.secureVersion = secureVersion
    }

    /// Parses the descriptor at the start of `bytes`; nil where there is none.
    public init?(parsing bytes: [UInt8]) {
        guard bytes.count >= Self.length, LittleEndian.u32(bytes, at: 0) == Self.magic,
            let secureVersion = LittleEndian.u32(bytes, at: 4)
        else { return nil }
        func text(_ offset: Int, _ width: Int) -> String {
            String(decoding: bytes[offset..<offset + width].prefix { $0 != 0 }, as: UTF8.self)
        }
        self.init(
            version: text(16, 32), project: text(48, 32), time: text(80, 16), date: text(96, 16),
            idfVersion: text(112, 32), secureVersion: secureVersion)
    }

    /// The descriptor's bytes; texts are cut to their fields, one byte kept for the final NUL.
    public var bytes: [UInt8] {
        func field(_ text: String, _ width: Int) -> [UInt8] {
            let bytes = Array(text.utf8.prefix(width - 1))
            return bytes + [UInt8](repeating: 0, count: width - bytes.count)
        }
        let head = LittleEndian.bytes(words: [Self.magic, secureVersion, 0, 0])
        let texts = field(version, 32) + field(project, 32) + field(time, 16) + field(date, 16) + field(idfVersion, 32)
        return head + texts + [UInt8](repeating: 0, count: Self.length - head.count - texts.count)
    }
}

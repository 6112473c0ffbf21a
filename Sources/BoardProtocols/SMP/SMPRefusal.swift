/// The error with which a server answers a request: of the first protocol version (`rc`), or of the second (`err` with
/// group and code).
///
/// Source: Zephyr, "SMP Protocol Specification" (codes of the first version), and the group pages.
public struct SMPRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// The group whose own codes count; nil for the common codes.
    public let group: UInt16?
    public let code: Int

    public init(group: UInt16? = nil, code: Int) { (self.group, self.code) = (group, code) }

    /// The error in an answer's body; nil where it is none.
    public init?(in body: CBOR) {
        if let error = body["err"], let code = error["rc"]?.integer {
            guard code != 0 else { return nil }
            self.init(group: UInt16(exactly: error["group"]?.integer ?? 0) ?? 0, code: code)
        } else if let code = body["rc"]?.integer, code != 0 {
            self.init(code: code)
        } else {
            return nil
        }
    }

    /// The command or the group is not there.
    public var isNotSupported: Bool { group == nil && code == 8 }
    /// What was named is not there.
    public var isNoEntry: Bool {
        switch group {
        case nil: code == 5
        case SMPGroup.image: code == 3 || code == 8
        case SMPGroup.settings: code == 3 || code == 5
        default: false
        }
    }

    /// The code's name in small letters, such as `notsup`; nil where it is not known.
    public var name: String? {
        guard let group else { return Self.common[code] }
        return switch group {
        case SMPGroup.os: Self.os[code]
        case SMPGroup.image: Self.image[code]
        case SMPGroup.settings: Self.settings[code]
        case SMPGroup.shell: Self.shell[code]
        default: nil
        }
    }

    public var description: String {
        let place = group.map { ", group \($0)" } ?? ""
        return name.map { "\($0) (code \(code)\(place))" } ?? "code \(code)\(place)"
    }

    private static let common: [Int: String] = [
        1: "unknown", 2: "nomem", 3: "inval", 4: "timeout", 5: "noent", 6: "badstate", 7: "msgsize", 8: "notsup",
        9: "corrupt", 10: "busy", 11: "access denied", 12: "protocol version too old", 13: "protocol version too new",
    ]
    private static let os: [Int: String] = [
        1: "unknown", 2: "invalid format", 3: "query yields no answer", 4: "clock not set", 5: "clock command failed",
        6: "value not valid",
    ]
    private static let image: [Int: String] = [
        1: "unknown", 2: "flash configuration query failed", 3: "no image", 4: "no TLVs", 5: "invalid TLV",
        6: "several hashes", 7: "TLV size invalid", 8: "hash not found", 9: "no free slot", 10: "flash open failed",
        11: "flash read failed", 12: "flash write failed", 13: "flash erase failed", 14: "invalid slot",
        15: "no memory", 16: "flash context already set", 17: "flash context not set", 18: "no flash device",
        19: "invalid page offset", 20: "invalid offset", 21: "invalid length", 22: "invalid image header",
        23: "invalid image magic", 24: "invalid hash", 25: "invalid flash address", 26: "version not readable",
        27: "the present version is newer", 28: "image already pending", 29: "invalid vector table",
        30: "image too large", 31: "data beyond the image's end", 32: "confirmation denied",
        33: "test of the active image denied",
    ]
    private static let settings: [Int: String] = [
        1: "unknown", 2: "key too long", 3: "key not found", 4: "read not supported", 5: "root key not found",
        6: "write not supported", 7: "delete not supported", 8: "save not supported",
    ]
    private static let shell: [Int: String] = [
        1: "unknown", 2: "command too long", 3: "empty command",
    ]
}

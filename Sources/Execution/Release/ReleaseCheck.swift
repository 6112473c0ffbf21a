import BoardProtocols
import Crypto
import Foundation
public import Provisioning

/// Looks at the headers of a release's images against its board profile, before anything is recorded: chip, size, check
/// values, version.
///
/// Espressif's images, partition tables and MCUboot's signed images are known; of others only the size is looked at.
public struct ReleaseCheck: Sendable {
    /// One thing that was found.
    public struct Finding: Hashable, Sendable {
        public enum Level: String, Sendable {
            /// Worth a look.
            case warn
            /// No board would boot it: the release is refused.
            case bad
        }

        public let level: Level
        /// Region of the board profile.
        public let region: String
        public let zh: String
        public let en: String

        /// As the page and `--json` print it.
        public var json: JSONValue {
            ["level": .string(level.rawValue), "region": .string(region), "zh": .string(zh), "en": .string(en)]
        }
    }

    public let profile: BoardProfile
    /// What the firmware is to report.
    public let version: String

    private static let partitionMagic: [UInt8] = [0xAA, 0x50]
    private static let applicationNames = ["app", "factory", "ota_0", "ota0"]

    public init(profile: BoardProfile, version: String) { (self.profile, self.version) = (profile, version) }

    /// What is found in one region's image.
    public func findings(_ image: [UInt8], in region: BoardProfile.Region) -> [Finding] {
        if image.count > region.size {
            return [
                bad(
                    region, "文件 \(image.count) 字节，分区只有 \(region.size) 字节",
                    "the file has \(image.count) bytes, the region takes \(region.size)")
            ]
        }
        let chip = EspressifChip.all.first { $0.stubName == profile.chip }
        switch profile.flash.method {
        case .espressif: return chip.map { espressif(image, region, $0) } ?? []
        // A tool of somebody else's may write anything; what says that it is Espressif's is looked at.
        case .external where image.first == ESPImage.magic: return chip.map { espressif(image, region, $0) } ?? []
        case .smp: return signed(image, region)
        case .external, .stm32UART, .dfu, .espAT, .none: return []
        }
    }

    // MARK: - Espressif

    private func espressif(_ image: [UInt8], _ region: BoardProfile.Region, _ chip: EspressifChip) -> [Finding] {
        let isBootloader = region.offset == Int(chip.bootloaderOffset) || region.name == "bootloader"
        let isApplication = Self.applicationNames.contains(region.name)
        if region.name.hasPrefix("partition") {
            return image.starts(with: Self.partitionMagic)
                ? [] : [bad(region, "不是分区表（应以 AA50 开头）", "it is no partition table: expected AA50h at its start")]
        }
        guard image.first == ESPImage.magic || isBootloader || isApplication else { return [] }
        let parsed: ESPImage
        do {
            parsed = try ESPImage(
                parsing: image, extendedHeader: chip.imageChipID != nil,
                sha256: { Array(SHA256.hash(data: Array($0))) })
        } catch {
            return [
                bad(
                    region, "不是 \(chip.name) 的固件：\(error.sentence.zh)",
                    "no image for \(chip.name): \(error.sentence.en)")
            ]
        }
        if let expected = chip.imageChipID, let found = parsed.chipID, found != expected {
            let other = EspressifChip.all.first { $0.imageChipID == found }?.name ?? "chip id \(found)"
            return [
                bad(
                    region, "固件是给 \(other) 的，板型要求 \(chip.name)",
                    "the image is for \(other), the board profile names \(chip.name)")
            ]
        }
        guard isApplication else { return [] }
        guard let application = parsed.application else {
            return [
                warn(
                    region, "没有应用描述，读不到版本", "there is no application descriptor: its version cannot be compared")
            ]
        }
        guard application.version != version else { return [] }
        return [
            warn(
                region, "固件自己的版本是 \(application.version)，发布版本是 \(version)",
                "the image calls itself \(application.version), the release is to be \(version)")
        ]
    }

    // MARK: - MCUboot

    private func signed(_ image: [UInt8], _ region: BoardProfile.Region) -> [Finding] {
        let parsed: MCUbootImage
        do { parsed = try MCUbootImage(parsing: image) } catch {
            return [bad(region, "不是签名的 MCUboot 固件", "no signed MCUboot image: \(error)")]
        }
        let found = parsed.version.description
        guard found != version else { return [] }
        return [
            warn(
                region, "固件头里的版本是 \(found)，发布版本是 \(version)",
                "the header states version \(found), the release is to be \(version)")
        ]
    }

    private func bad(_ region: BoardProfile.Region, _ zh: String, _ en: String) -> Finding {
        Finding(level: .bad, region: region.name, zh: "\(region.file)：\(zh)", en: "\(region.file): \(en)")
    }

    private func warn(_ region: BoardProfile.Region, _ zh: String, _ en: String) -> Finding {
        Finding(level: .warn, region: region.name, zh: "\(region.file)：\(zh)", en: "\(region.file): \(en)")
    }
}

extension ESPImageError {
    /// What is wrong, with both values.
    fileprivate var sentence: (zh: String, en: String) {
        func hex(_ bytes: [UInt8]) -> String {
            bytes.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        switch self {
        case .short(let expected, let received):
            return (
                "文件不完整（需要 \(expected) 字节，只有 \(received)）", "expected at least \(expected) bytes, received \(received)"
            )
        case .magic(let received):
            let byte = String(received, radix: 16)
            return ("首字节是 \(byte)，应为 e9", "expected e9h at its start, received \(byte)h")
        case .segmentCount(let count): return ("段数 \(count) 不对", "expected 1 to 16 segments, received \(count)")
        case .segment(let index, let place):
            return ("第 \(index) 段超出文件", "segment \(index) at byte \(place) goes beyond the file")
        case .digestFlag(let flag): return ("摘要标志 \(flag) 不对", "expected the digest flag 0 or 1, received \(flag)")
        case .checksum(let expected, let received):
            return ("校验值不对", "expected the check value \(expected), received \(received)")
        case .digest(let expected, let received):
            return ("SHA-256 不对", "expected SHA-256 \(hex(expected))…, received \(hex(received))…")
        }
    }
}

extension ReleaseStore {
    /// Looks at the images in `source` that `profile` names; those that are missing are ``add(from:profile:version:deviceSDK:ship:)``'s
    /// to name.
    /// - Returns: what is worth a look.
    /// - Throws: ``ReleaseError`` naming every image that no board would boot.
    public func check(from source: String, profile: BoardProfile, version: String) throws -> [ReleaseCheck.Finding] {
        let check = ReleaseCheck(profile: profile, version: version)
        let findings = profile.flash.regions.flatMap { region in
            FileManager.default.contents(atPath: source + "/" + region.file)
                .map { check.findings(Array($0), in: region) } ?? []
        }
        let bad = findings.filter { $0.level == .bad }
        guard bad.isEmpty else { throw ReleaseError(description: bad.map(\.en).joined(separator: "; ")) }
        return findings
    }
}

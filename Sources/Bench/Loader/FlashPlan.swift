/// One image and where it goes. Prints name and size, never the bytes: a region may hold the product credential.
public struct FlashRegion: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// As the release names it: `bootloader`, `app`, `cred`.
    public let name: String
    /// Byte offset in flash, or address where the flash has one; a multiple of ``sector``.
    public let offset: UInt32
    public let image: [UInt8]
    /// The flash is erased in pieces of this many bytes where the region lies.
    public let sector: UInt32

    public init(name: String, offset: UInt32, image: [UInt8], sector: UInt32 = FlashPlan.sector) {
        self.name = name
        self.offset = offset
        self.image = image
        self.sector = sector
    }

    /// The image, padded with FFh to a multiple of four bytes: what is written and verified.
    public var padded: [UInt8] { image + [UInt8](repeating: 0xFF, count: (4 - image.count % 4) % 4) }

    public var description: String { "\(name) (\(image.count) bytes at 0x\(String(offset, radix: 16)))" }
    public var customMirror: Mirror { Mirror(self, children: ["name": name, "offset": offset, "bytes": image.count]) }

    /// The bytes of flash that writing this region erases.
    var erased: Range<UInt64> { FlashPlan.sectors(offset: offset, size: image.count, sector: sector) }
}

/// What is to be written, and what must not be touched. A plan that would erase a byte of a preserved range cannot be
/// made, and there is no whole-chip erase.
public struct FlashPlan: Sendable, Equatable {
    /// A range of flash that no write may erase, such as the firmware's own `nvs`.
    public struct Preserve: Sendable, Hashable {
        public let name: String
        public let offset: UInt32
        public let size: UInt32
        public init(name: String, offset: UInt32, size: UInt32) {
            self.name = name
            self.offset = offset
            self.size = size
        }
    }

    /// Flash is usually erased in sectors of this many bytes.
    public static let sector: UInt32 = 4096
    /// Where serial NOR flash ends at the latest: 16 MiB.
    public static let limit: UInt64 = 1 << 24

    /// Written in this order.
    public let regions: [FlashRegion]
    public let preserve: [Preserve]
    /// Leaves a region alone whose MD5 already fits.
    public let skipMatching: Bool

    /// - Parameter allowsEmpty: for boards whose firmware comes with them.
    /// - Throws: ``FlashPlanError`` for an empty plan or image, an offset inside a sector, regions whose sectors
    ///   overlap each other or a preserved range, or an end beyond `limit`.
    public init(
        regions: [FlashRegion], preserve: [Preserve] = [], skipMatching: Bool = true, limit: UInt64 = Self.limit,
        allowsEmpty: Bool = false
    ) throws(FlashPlanError) {
        guard !regions.isEmpty || allowsEmpty else { throw .empty }
        for (index, region) in regions.enumerated() {
            guard !region.image.isEmpty else { throw .emptyImage(region.name) }
            guard region.offset % region.sector == 0 else {
                throw .alignment(region.name, offset: region.offset, sector: region.sector)
            }
            guard region.erased.upperBound <= limit else {
                throw .beyondFlash(region.name, end: region.erased.upperBound)
            }
            for other in regions[..<index] where other.erased.overlaps(region.erased) {
                throw .overlap(region.name, other.name)
            }
            for kept in preserve where region.erased.overlaps(Self.range(kept)) {
                throw .preserved(region.name, kept.name)
            }
        }
        self.regions = regions
        self.preserve = preserve
        self.skipMatching = skipMatching
    }

    /// End of the highest region, in bytes.
    public var end: UInt64 { regions.map(\.erased.upperBound).max() ?? 0 }

    private static func range(_ kept: Preserve) -> Range<UInt64> {
        UInt64(kept.offset)..<UInt64(kept.offset) + UInt64(kept.size)
    }

    fileprivate static func sectors(offset: UInt32, size: Int, sector: UInt32) -> Range<UInt64> {
        let sector = UInt64(sector)
        let start = UInt64(offset) / sector * sector
        let end = (UInt64(offset) + UInt64(size) + sector - 1) / sector * sector
        return start..<end
    }
}

/// Why a plan cannot be made.
public enum FlashPlanError: Error, Equatable, Sendable, CustomStringConvertible {
    case empty
    case emptyImage(String)
    case alignment(String, offset: UInt32, sector: UInt32)
    case beyondFlash(String, end: UInt64)
    case overlap(String, String)
    case preserved(String, String)

    public var description: String {
        switch self {
        case .empty: "the plan has no regions"
        case .emptyImage(let name): "region \(name) is empty"
        case .alignment(let name, let offset, let sector):
            "region \(name) starts at 0x\(String(offset, radix: 16)): expected a multiple of "
                + "0x\(String(sector, radix: 16))"
        case .beyondFlash(let name, let end):
            "region \(name) ends at 0x\(String(end, radix: 16)), beyond the flash chip"
        case .overlap(let first, let second): "regions \(first) and \(second) share a flash sector"
        case .preserved(let name, let kept): "writing region \(name) would erase the preserved range \(kept)"
        }
    }
}

/// A product of the STM32 family as its loader names it: where its size, its unique id and its pages are.
///
/// Addresses and layouts are those of the reference manuals; the product ids those of ST AN2606, section
/// "Device-dependent bootloader parameters".
public struct STM32Part: Sendable, Equatable {
    /// One page or sector: the unit of erasing.
    public struct Page: Sendable, Equatable {
        /// As the erase commands name it.
        public let number: UInt16
        public let range: Range<UInt64>
    }

    /// Where flash begins on all parts.
    public static let flashBase: UInt32 = 0x0800_0000
    /// Bytes of the unique id.
    public static let uidLength = 12

    public let productID: UInt16
    /// `STM32F405/407/415/417`.
    public let name: String
    /// Address of the 16-bit flash size in KiB.
    public let sizeRegister: UInt32
    /// Address of the 96-bit unique id.
    public let uidAddress: UInt32
    /// Flash of the largest member, in KiB.
    public let largest: Int
    /// Page sizes in KiB from flash's begin; the last one goes on to flash's end, and ``restartsAt`` starts anew.
    public let pagesKiB: [Int]
    /// KiB after which the second bank's pages start with the first size again; nil where there is no such bank.
    public let restartsAt: Int?
    /// Below this size in KiB an option bit decides how the second half is numbered, so only the first half is used.
    public let halfBelow: Int?
    /// Bytes that flash takes at once; writes are padded to a multiple.
    public let writeUnit: Int

    init(
        _ productID: UInt16, _ name: String, sizeRegister: UInt32, uid: UInt32, largest: Int, pages: [Int],
        restartsAt: Int? = nil, halfBelow: Int? = nil, writeUnit: Int = 4
    ) {
        self.productID = productID
        self.name = name
        self.sizeRegister = sizeRegister
        uidAddress = uid
        self.largest = largest
        pagesKiB = pages
        self.restartsAt = restartsAt
        self.halfBelow = halfBelow
        self.writeUnit = writeUnit
    }

    /// The part with this product id; nil for one this table does not name.
    public static func with(productID: UInt16) -> STM32Part? { table.first { $0.productID == productID } }

    /// The part with this name, for profiles.
    public static func named(_ name: String) -> STM32Part? { table.first { $0.name == name } }

    /// The pages of a chip with `flashKiB`, in the order of their addresses; only those whose numbers are certain.
    public func pages(flashKiB: Int) -> [Page] {
        var pages: [Page] = []
        let end = halfBelow.map { flashKiB < $0 ? flashKiB / 2 : flashKiB } ?? flashKiB
        var start = 0
        var index = 0
        while start < end {
            if start == restartsAt { index = 0 }
            let size = pagesKiB[min(index, pagesKiB.count - 1)]
            guard start + size <= end else { break }
            let base = UInt64(Self.flashBase) + UInt64(start) * 1024
            pages.append(Page(number: UInt16(pages.count), range: base..<base + UInt64(size) * 1024))
            start += size
            index += 1
        }
        return pages
    }
}

/// One line of a board's image list.
///
/// Source: Zephyr, "Application/software image management group", section "Get state of images response". MCUboot's
/// serial recovery leaves the flags out, and the hash unless it was built with it.
public struct SMPImageSlot: Equatable, Sendable {
    /// The image's number; 0 where the server has only one.
    public var image: Int
    /// 0 is the primary slot, from which boards usually run.
    public var slot: Int
    public var version: String
    /// The image's own hash, as its TLV states it.
    public var hash: [UInt8]?
    public var isBootable: Bool
    /// Marked for the next boot.
    public var isPending: Bool
    public var isConfirmed: Bool
    /// The image that runs now.
    public var isActive: Bool

    /// The list in an answer's body; nil where it is none.
    public static func list(in body: CBOR) -> [SMPImageSlot]? {
        guard let items = body["images"]?.array else { return nil }
        var slots: [SMPImageSlot] = []
        for item in items {
            guard let slot = item["slot"]?.integer else { return nil }
            func flag(_ name: String) -> Bool { item[name]?.bool ?? false }
            slots.append(
                SMPImageSlot(
                    image: item["image"]?.integer ?? 0, slot: slot, version: item["version"]?.text ?? "",
                    hash: item["hash"]?.bytes, isBootable: flag("bootable"), isPending: flag("pending"),
                    isConfirmed: flag("confirmed"), isActive: flag("active")))
        }
        return slots
    }
}

import BoardProtocols
import Crypto

/// A range of flash that holds one image, as MCUboot sees it.
public struct SMPSlot: Sendable, Equatable {
    /// Byte offset in flash, a multiple of 4096.
    public let offset: Int
    /// In bytes, a multiple of 4096.
    public let size: Int

    public init(offset: Int, size: Int) { (self.offset, self.size) = (offset, size) }

    /// The image in the slot by its header and TLVs; nil where there is none.
    func image(in flash: FlashChip) -> MCUbootImage? { try? MCUbootImage(parsing: flash.read(offset, size)) }

    /// The image in the slot where its contents fit its hash; nil where they do not.
    func validImage(in flash: FlashChip) -> MCUbootImage? {
        guard let image = image(in: flash), let hash = image.hash else { return nil }
        return Array(SHA256.hash(data: flash.read(offset, image.hashedSize))) == hash ? image : nil
    }
}

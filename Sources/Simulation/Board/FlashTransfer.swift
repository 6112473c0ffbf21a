import BoardProtocols

/// One FLASH_BEGIN … FLASH_END sequence: where the next bytes go, and what is erased before them.
struct FlashTransfer {
    /// Why a block could not be written, with the reason each loader gives for it.
    enum Failure {
        case corrupt, tooMuch, chip

        var rom: EspressifReason {
            switch self {
            case .corrupt: .deflate
            case .tooMuch, .chip: .flashWrite
            }
        }

        var stub: EspressifReason {
            switch self {
            case .corrupt: .stubInflate
            case .tooMuch: .stubTooMuchData
            case .chip: .stubSPIOperation
            }
        }
    }

    /// Blocks are pieces of one zlib stream.
    let deflates: Bool
    /// Uncompressed bytes still to come.
    private(set) var remaining: Int
    private var position: Int
    /// Flash below this address is erased already.
    private var erased: Int
    private let inflater: Inflater?

    /// - Parameter erasesAhead: the bytes a ROM has erased at the start; nil where erasing goes along with writing.
    init(deflates: Bool, offset: Int, size: Int, erasesAhead: Int?) {
        self.deflates = deflates
        remaining = size
        position = offset
        erased = erasesAhead == nil ? offset / FlashChip.sector * FlashChip.sector : Int.max
        inflater = deflates ? Inflater() : nil
    }

    /// Writes one block; nil when it went well.
    mutating func write(_ block: [UInt8], to flash: FlashChip) -> Failure? {
        guard let inflater else { return program(Array(block.prefix(remaining)), flash) }
        var failure: Failure?
        do {
            try inflater.push(block) { piece in
                failure = piece.count > remaining ? .tooMuch : program(piece, flash)
                return failure == nil
            }
        } catch {
            return .corrupt
        }
        return failure
    }

    private mutating func program(_ bytes: [UInt8], _ flash: FlashChip) -> Failure? {
        guard !bytes.isEmpty else { return nil }
        let end = position + bytes.count
        if erased < end {
            guard flash.erase(erased, end - erased) else { return .chip }
            erased = (end + FlashChip.sector - 1) / FlashChip.sector * FlashChip.sector
        }
        guard flash.program(position, bytes) else { return .chip }
        position = end
        remaining -= bytes.count
        return nil
    }
}

/// One MEM_BEGIN … MEM_END sequence.
struct MemoryUpload {
    let address: UInt32
    private let blockSize: Int
    private var bytes: [UInt8]

    /// nil for sizes the chip's RAM cannot hold.
    init?(address: UInt32, size: Int, blockSize: Int) {
        guard size <= 400 << 10, blockSize > 0, blockSize <= 0x4000 else { return nil }
        self.address = address
        self.blockSize = blockSize
        bytes = [UInt8](repeating: 0, count: size)
    }

    /// Stores a block at its place and returns the segment as it now stands; nil where it lies outside.
    mutating func store(_ block: EspressifRequest.Block) -> (address: UInt32, bytes: [UInt8])? {
        let start = Int(block.sequence) * blockSize
        guard start + block.payload.count <= bytes.count else { return nil }
        bytes.replaceSubrange(start..<start + block.payload.count, with: block.payload)
        return (address, bytes)
    }
}

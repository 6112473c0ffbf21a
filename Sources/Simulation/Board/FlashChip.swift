import Glibc
import Locking

/// NOR flash: erasing sets whole sectors to FFh, programming can only clear bits.
///
/// Backed by a file that is mapped shared, so each write is in the file as soon as it returned, also when the process
/// is killed; without a file the contents live as long as the chip. Safe to use from any thread.
public final class FlashChip: Sendable {
    /// The smallest unit of erasing, in bytes.
    public static let sector = 4096
    /// The size of a chip that is made anew: 4 MiB.
    public static let usualSize = 4 << 20

    /// In bytes, a power of two.
    public let size: Int
    /// Whether it was made anew, all FFh.
    public let isNew: Bool
    private let stuck: BoardFault.StuckBit?
    private let memory: Locked<UnsafeMutableRawBufferPointer>

    /// Opens or makes the chip.
    /// - Parameters:
    ///   - file: a path; a missing or empty file becomes FFh. nil keeps the contents in memory.
    ///   - size: bytes of a chip that is made anew.
    /// - Throws: ``BoardError`` with code `flash`.
    public init(
        file: String?, size usualSize: Int = FlashChip.usualSize, stuckBit: BoardFault.StuckBit? = nil
    ) throws(BoardError) {
        var descriptor: OwnedDescriptor?
        var length = 0
        if let file {
            let number = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard number >= 0 else { throw .system(.flash, "opening the flash file \(file)", errno) }
            descriptor = OwnedDescriptor(number)
            length = Int(lseek(number, 0, SEEK_END))
            guard length == 0 || (1 << 20...16 << 20).contains(length) && length.nonzeroBitCount == 1 else {
                throw BoardError(.flash, "\(file): expected 1, 2, 4, 8 or 16 MiB, received \(length) bytes")
            }
            guard length > 0 || ftruncate(number, usualSize) == 0 else {
                throw .system(.flash, "growing the flash file \(file)", errno)
            }
        }
        size = length == 0 ? usualSize : length
        isNew = length == 0
        let flags = descriptor == nil ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED
        let start = mmap(nil, size, PROT_READ | PROT_WRITE, flags, descriptor?.number ?? -1, 0)
        guard let start, start != MAP_FAILED else { throw .system(.flash, "mapping \(size) bytes of flash", errno) }
        if length == 0 { memset(start, 0xFF, size) }
        memory = Locked(UnsafeMutableRawBufferPointer(start: start, count: size))
        stuck = stuckBit
    }

    deinit { memory.withLock { _ = munmap($0.baseAddress, $0.count) } }

    /// True where `count` bytes from `offset` are on the chip.
    public func contains(_ offset: Int, _ count: Int) -> Bool { offset >= 0 && count >= 0 && offset + count <= size }

    /// The bytes from `offset`; fewer where the chip ends before.
    public func read(_ offset: Int, _ count: Int) -> [UInt8] {
        guard offset >= 0, offset < size, count > 0 else { return [] }
        return memory.withLock { Array($0[offset..<min(size, offset + count)]) }
    }

    /// Hands the bytes to `body` without copying them; they may not be kept. False where they are not on the chip.
    func withBytes(_ offset: Int, _ count: Int, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        guard contains(offset, count) else { return false }
        memory.withLock { body(UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count])) }
        return true
    }

    /// Programs bytes: bits that are 0 already stay 0. False, with nothing done, where they are not on the chip.
    public func program(_ offset: Int, _ bytes: [UInt8]) -> Bool {
        guard contains(offset, bytes.count) else { return false }
        memory.withLock { memory in
            Self.clear(memory, offset, bytes)
            force(memory, offset..<offset + bytes.count)
        }
        return true
    }

    /// Sets to FFh every sector that `count` bytes from `offset` touch. False where they are not on the chip.
    /// - Parameter sector: the unit of erasing, in bytes, a power of two; other chips than serial flash have another
    ///   one.
    public func erase(_ offset: Int, _ count: Int, sector: Int = FlashChip.sector) -> Bool {
        guard contains(offset, count) else { return false }
        guard count > 0 else { return true }
        let first = offset / sector * sector
        let end = min(size, (offset + count + sector - 1) / sector * sector)
        memory.withLock { memory in
            if let base = memory.baseAddress { memset(base + first, 0xFF, end - first) }
            if stuck?.value != nil { force(memory, first..<end) }
        }
        return true
    }

    private static func clear(_ memory: UnsafeMutableRawBufferPointer, _ offset: Int, _ bytes: [UInt8]) {
        bytes.withUnsafeBytes { source in
            var index = 0
            while index + 8 <= source.count {
                let old = memory.loadUnaligned(fromByteOffset: offset + index, as: UInt64.self)
                let new = old & source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                memory.storeBytes(of: new, toByteOffset: offset + index, as: UInt64.self)
                index += 8
            }
            while index < source.count {
                memory[offset + index] &= source[index]
                index += 1
            }
        }
    }

    private func force(_ memory: UnsafeMutableRawBufferPointer, _ range: Range<Int>) {
        guard let stuck, range.contains(stuck.offset), stuck.offset < size else { return }
        let mask = UInt8(1) << UInt8(stuck.bit)
        switch stuck.value {
        case true?: memory[stuck.offset] |= mask
        case false?: memory[stuck.offset] &= ~mask
        case nil: memory[stuck.offset] ^= mask
        }
    }
}

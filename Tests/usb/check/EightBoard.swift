import Bench

/// One of eight boards that are written at the same time, and what its worker has seen.
struct EightBoard: Sendable {
    let board: SimulatedBoard
    /// Bytes into the flash where the image goes.
    let offset: Int
    let image: [UInt8]

    var region: FlashRegion { board.dialect.application(image, at: offset) }

    /// Bytes of one piece that a check compares: every block and sector is a multiple of it.
    private static let piece = 1024

    /// What is wrong with the flash of a board that was written to its end; nil where the image is right and nothing else
    /// has changed.
    func problemWhenWritten() throws -> String? {
        let flash = try board.flash()
        let area = offset..<offset + image.count
        if !flash[area].elementsEqual(image) { return "does not hold its image" }
        for index in flash.indices where !area.contains(index) && flash[index] != board.before[index] {
            return "byte \(index) outside the image has changed"
        }
        return nil
    }

    /// What is wrong with the flash of a board whose session was broken off; nil where every piece is as it was before or,
    /// inside the image's area, erased or as the image has it.
    func problemWhenBroken() throws -> String? {
        let flash = try board.flash()
        let area = offset..<offset + image.count
        for start in stride(from: 0, to: flash.count, by: Self.piece) {
            let range = start..<start + Self.piece
            let found = flash[range]
            if found.elementsEqual(board.before[range]) { continue }
            guard area.contains(start) else { return "the piece at \(start) outside the image has changed" }
            let isErased = found.allSatisfy { $0 == 0xFF }
            let own = image[start - offset..<start - offset + Self.piece]
            if !isErased && !found.elementsEqual(own) { return "the piece at \(start) is none of its own" }
        }
        return nil
    }

    /// Whether any piece of the flash is a piece of the image that belongs to `other`, at its place.
    func holdsPiece(of other: EightBoard) throws -> Bool {
        let flash = try board.flash()
        return stride(from: 0, to: other.image.count, by: Self.piece).contains { start in
            flash[other.offset + start..<other.offset + start + Self.piece]
                .elementsEqual(other.image[start..<start + Self.piece])
        }
    }
}

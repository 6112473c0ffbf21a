import BoardProtocols

/// A firmware's settings: what is set lies in RAM until it is saved to a region of flash of its own, as one CBOR map
/// behind its length.
struct SMPSettings: Sendable {
    /// Byte offset of the region, one flash sector long.
    let offset: Int
    private(set) var values: [String: [UInt8]] = [:]

    init(offset: Int, in flash: FlashChip) {
        self.offset = offset
        load(from: flash)
    }

    mutating func set(_ name: String, _ value: [UInt8]?) { values[name] = value }

    /// False where the values do not fit the region.
    func save(to flash: FlashChip) -> Bool {
        let entries = values.sorted { $0.key < $1.key }.map { CBOR.Entry($0.key, .bytes($0.value)) }
        let bytes = CBOR.map(entries).encoded
        guard bytes.count + 4 <= FlashChip.sector, flash.erase(offset, FlashChip.sector) else { return false }
        return flash.program(offset, LittleEndian.bytes(UInt32(bytes.count)) + bytes)
    }

    /// Forgets what is in RAM; a blank or damaged region holds nothing.
    mutating func load(from flash: FlashChip) {
        values = [:]
        let region = flash.read(offset, FlashChip.sector)
        guard let count = LittleEndian.u32(region, at: 0), count <= UInt32(FlashChip.sector - 4),
            case .map(let entries)? = try? CBOR(decoding: region[4..<4 + Int(count)])
        else { return }
        for entry in entries { values[entry.key] = entry.value.bytes }
    }
}

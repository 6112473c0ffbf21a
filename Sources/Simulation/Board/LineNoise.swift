/// Reproducible noise on a serial line: the same seed gives the same disturbance.
struct LineNoise {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// The next 64 bits (SplitMix64).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// True with the probability `rate`, 0 to 1.
    mutating func happens(_ rate: Double) -> Bool { Double(next() >> 11) / Double(1 << 53) < rate }

    /// Disturbs each byte with the probability `rate`: half of the hits replace it, the others put a byte before it.
    mutating func disturb(_ bytes: [UInt8], rate: Double) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 8)
        for byte in bytes {
            guard happens(rate) else {
                result.append(byte)
                continue
            }
            let roll = next()
            result.append(UInt8(truncatingIfNeeded: roll))
            if roll & 0x100 != 0 { result.append(byte) }
        }
        return result
    }

    /// What a receiver at rate `to` makes of `bytes` sent at rate `from`: other bytes, and another number of them.
    mutating func garble(_ bytes: [UInt8], from: Int, to: Int) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        let count = max(1, min(bytes.count * 4, bytes.count * to / max(1, from)))
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) | 1 }
    }
}

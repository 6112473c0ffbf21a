/// Something wrong with one simulated board.
public enum BoardFault: Hashable, Sendable {
    /// A flash cell that does not take what is written to it.
    case stuckBit(StuckBit)
    /// The firmware signs with another ProductSecret than the one in its flash.
    case wrongProductSecret
    /// Each byte the board sends is disturbed with the probability `rate`; the same seed disturbs the same bytes.
    case garbage(seed: UInt64, rate: Double)
    /// The firmware starts but never says that it is ready.
    case noBoot
    /// The firmware says that it stored a device credential it got over its console, but that is gone after the next
    /// reset.
    case forgetsCredential
    /// The firmware proves its device credential over other bytes than it was asked to.
    case wrongProof
    /// The firmware can join no network.
    case noJoin
    /// The firmware says that it forgot the network, and keeps it.
    case keepsNetwork

    /// One bit of flash that is forced on every write.
    public struct StuckBit: Hashable, Sendable {
        /// Byte address in flash.
        public var offset: Int
        /// 0 (lowest) to 7.
        public var bit: Int
        /// What the bit reads as after each write; nil: the opposite of what was written, whatever that is.
        public var value: Bool?

        public init(offset: Int, bit: Int, value: Bool? = nil) {
            self.offset = offset
            self.bit = bit
            self.value = value
        }
    }

    /// Reads `stuck-bit:OFFSET:BIT[:0|1]`, `wrong-product-secret`, `garbage:SEED:RATE`, `no-boot`,
    /// `forgets-credential`, `wrong-proof`, `no-join` or `keeps-network`.
    /// - Throws: ``BoardError`` with code `input`.
    public init(parsing text: String) throws(BoardError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        func number(_ index: Int) -> Int? {
            guard index < parts.count else { return nil }
            return parts[index].hasPrefix("0x") ? Int(parts[index].dropFirst(2), radix: 16) : Int(parts[index])
        }
        switch (parts[0], parts.count) {
        case ("wrong-product-secret", 1): self = .wrongProductSecret
        case ("no-boot", 1): self = .noBoot
        case ("forgets-credential", 1): self = .forgetsCredential
        case ("wrong-proof", 1): self = .wrongProof
        case ("no-join", 1): self = .noJoin
        case ("keeps-network", 1): self = .keepsNetwork
        case ("garbage", 3):
            guard let seed = UInt64(parts[1]), let rate = Double(parts[2]), (0...1).contains(rate) else { fallthrough }
            self = .garbage(seed: seed, rate: rate)
        case ("stuck-bit", 3...4):
            guard let offset = number(1), let bit = number(2), offset >= 0, (0...7).contains(bit),
                parts.count == 3 || number(3) == 0 || number(3) == 1
            else { fallthrough }
            self = .stuckBit(StuckBit(offset: offset, bit: bit, value: number(3).map { $0 == 1 }))
        default:
            throw BoardError(
                .input,
                "fault \"\(text)\": expected stuck-bit:OFFSET:BIT[:0|1], wrong-product-secret, garbage:SEED:RATE "
                    + "(rate 0 to 1), no-boot, forgets-credential, wrong-proof, no-join or keeps-network")
        }
    }
}

extension BoardFault: Codable {
    private enum CodingKeys: String, CodingKey { case kind, offset, bit, value, seed, rate }

    /// `{"kind":"stuck-bit","offset":N,"bit":0…7,"value":0|1|null}`, `{"kind":"garbage","seed":N,"rate":0…1}`, or a
    /// kind alone.
    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        let kind = try box.decode(String.self, forKey: .kind)
        switch kind {
        case "stuck-bit":
            let value = try box.decodeIfPresent(Int.self, forKey: .value)
            self = .stuckBit(
                StuckBit(
                    offset: try box.decode(Int.self, forKey: .offset), bit: try box.decode(Int.self, forKey: .bit),
                    value: value.map { $0 == 1 }))
        case "garbage":
            self = .garbage(
                seed: try box.decode(UInt64.self, forKey: .seed), rate: try box.decode(Double.self, forKey: .rate))
        default: self = try BoardFault(parsing: kind)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .stuckBit(let stuck):
            try box.encode("stuck-bit", forKey: .kind)
            try box.encode(stuck.offset, forKey: .offset)
            try box.encode(stuck.bit, forKey: .bit)
            try box.encode(stuck.value.map { $0 ? 1 : 0 }, forKey: .value)
        case .garbage(let seed, let rate):
            try box.encode("garbage", forKey: .kind)
            try box.encode(seed, forKey: .seed)
            try box.encode(rate, forKey: .rate)
        case .wrongProductSecret: try box.encode("wrong-product-secret", forKey: .kind)
        case .noBoot: try box.encode("no-boot", forKey: .kind)
        case .forgetsCredential: try box.encode("forgets-credential", forKey: .kind)
        case .wrongProof: try box.encode("wrong-proof", forKey: .kind)
        case .noJoin: try box.encode("no-join", forKey: .kind)
        case .keepsNetwork: try box.encode("keeps-network", forKey: .kind)
        }
    }
}

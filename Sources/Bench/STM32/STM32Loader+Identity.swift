import BoardProtocols
import Provisioning

extension STM32Loader {
    /// Reads product id, unique id and, where there is one, the identity memory.
    ///
    /// Answers carry no check value, so the unique id and the text are each read twice, in different portions; readings
    /// that differ are read again and, after three rounds, an error, never an identity.
    /// - Throws: ``LoaderError`` `noise` for readings that keep differing, `wrongChip` where the product id is another
    ///   one than before, `protocolError` for a unique id that is blank, `securityLocked`, and those of the exchange.
    public func readBoard() throws(LoaderError) -> BoardReading {
        let part = try detectChip(expected: part)
        let uid = try readSteadily(part.uidAddress, STM32Part.uidLength)
        guard !uid.allSatisfy({ $0 == 0 }), !uid.allSatisfy({ $0 == 0xFF }) else {
            throw LoaderError(
                .protocolError,
                "the \(part.name)'s unique id reads as all \(Digest.hex(uid.prefix(1))): expected 96 bits "
                    + "that tell chips apart; the part may be a copy", address: part.uidAddress)
        }
        var reading = BoardReading(
            chip: part.name, mac: [], uid: uid, uidSource: .chip, identityText: nil, flashID: nil, addressCount: 0)
        if let memory = identityMemory {
            let bytes = try readSteadily(memory.address, memory.length).prefix { $0 != 0 && $0 != 0xFF }
            if !bytes.isEmpty, bytes.allSatisfy({ (0x20..<0x7F).contains($0) }) {
                reading.identityText = String(decoding: bytes, as: UTF8.self)
            }
        }
        return reading
    }

    /// Bytes that two readings agree on: one in a single portion, one in words from the last to the first, so that a
    /// byte lost or added on the way shifts the two differently.
    private func readSteadily(_ address: UInt32, _ count: Int) throws(LoaderError) -> [UInt8] {
        for _ in 0..<3 {
            let whole = try readMemory(address, count)
            var words: [UInt8] = []
            for start in stride(from: 0, to: count, by: 4).reversed() {
                words = try readMemory(address + UInt32(start), min(4, count - start)) + words
            }
            if whole == words { return whole }
            try resynchronise()
        }
        throw LoaderError(
            .noise, "three pairs of readings of one identity differed: check cable, rate, parity (8E1) and power",
            address: address)
    }

    /// Reads 1 to 256 bytes of memory.
    /// - Throws: ``LoaderError`` `securityLocked`, `protocolError` for an address the loader does not give, `noise`,
    ///   and those of the line.
    public func readMemory(_ address: UInt32, _ count: Int) throws(LoaderError) -> [UInt8] {
        do throws(LoaderError) {
            return try attempt { () throws(LoaderError) in
                try order(.read)
                guard try step("read", STM32Frame.address(address), next: .readLength),
                    try step("read", STM32Frame.readLength(count), next: .command)
                else {
                    throw LoaderError(
                        .protocolError, "the loader refuses to read \(count) bytes there: check part and address")
                }
                let bytes = try take(count, of: "read")
                guard try drain().isEmpty else {
                    throw LoaderError(.noise, "read: more than \(count) bytes came: check cable, rate and parity (8E1)")
                }
                return bytes
            }
        } catch {
            throw error.at(address)
        }
    }

    func read(_ address: UInt32, _ count: Int) throws(LoaderError) -> [UInt8]? { try readMemory(address, count) }

    /// Starts the program whose vector table is at `address`; the loader is gone then.
    /// - Throws: ``LoaderError`` `securityLocked`, `protocolError`, and those of the exchange.
    public func go(_ address: UInt32) throws(LoaderError) {
        do throws(LoaderError) {
            try attempt { () throws(LoaderError) in
                try order(.go)
                guard try step("go", STM32Frame.address(address), next: .command) else {
                    throw LoaderError(
                        .protocolError, "the loader refuses to start a program there: expected a flash or RAM address")
                }
            }
        } catch {
            throw error.at(address)
        }
    }

    /// Starts the program where a start address was given.
    public func finish() throws(LoaderError) {
        if let startAddress { try go(startAddress) }
    }
}

extension LoaderError {
    /// The same error with an address, and a region where it is given, unless it has them.
    func at(_ address: UInt32, in region: FlashRegion? = nil) -> LoaderError {
        var error = self
        error.address = error.address ?? address
        error.region = error.region ?? region?.name
        return error
    }
}

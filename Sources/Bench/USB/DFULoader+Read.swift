import BoardProtocols
import Provisioning

extension DFULoader {
    /// Reads from an alternate setting, block by block, until `body` returns false or `count` bytes have come.
    ///
    /// - Parameters:
    ///   - address: where to start; DFU 1.1 always starts at the memory's beginning.
    ///   - body: gets the offset from the start and the bytes.
    /// - Returns: the bytes read, fewer than `count` where the memory ends before or `body` stopped it.
    @discardableResult
    func upload(
        from address: UInt32, count: Int, alternate: UInt8, _ body: (Int, [UInt8]) -> Bool
    ) throws(LoaderError) -> Int {
        let session = try current
        try select(alternate)
        var block: UInt16 = 0
        if session.function.isDfuSe {
            try download(DfuSeCommand.setPointer(address).bytes, block: 0, address: address)
            try settleIdle()
            block = DfuSeCommand.firstBlock
        }
        var done = 0
        while done < count {
            let length = min(Int(session.function.transferSize), count - done)
            let setup = DFURequest.upload(interface: session.interface, block: block, length: UInt16(length))
            let bytes: [UInt8]
            do {
                bytes = try session.handle.control(setup)
            } catch .stalled {
                throw refusal(try report(), address: address &+ UInt32(done))
            } catch {
                var error = failure(error, doing: "reading block \(block)")
                error.address = address &+ UInt32(done)
                throw error
            }
            let goesOn = body(done, bytes)
            done += bytes.count
            guard goesOn, bytes.count == length else { break }
            let (next, isOver) = block.addingReportingOverflow(1)
            guard !isOver else { throw LoaderError(.protocolError, "USB \(port): more than 65535 blocks") }
            block = next
        }
        try settleIdle()
        return done
    }

    /// The offset of the first byte that differs from `image`, or where the memory ended; nil where all is the same.
    func firstDifference(_ image: [UInt8], at address: UInt32, alternate: UInt8) throws(LoaderError) -> Int? {
        var difference: Int?
        let read = try upload(from: address, count: image.count, alternate: alternate) { offset, bytes in
            let expected = image[offset..<min(image.count, offset + bytes.count)]
            if expected.elementsEqual(bytes) { return true }
            difference =
                offset + (zip(expected, bytes).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0)
            return false
        }
        return difference ?? (read < image.count ? read : nil)
    }

    /// The chip's UID where the options say where it lies and the memory map lets it be read; otherwise nil.
    func readUID() throws(LoaderError) -> [UInt8]? {
        let session = try current
        guard let address = options.uidAddress, session.function.canUpload else { return nil }
        let range = UInt64(address)..<UInt64(address) + UInt64(options.uidLength)
        guard let alternate = session.memories.filter({ $0.value.isReadable(range) }).keys.min() else { return nil }
        var uid: [UInt8] = []
        try upload(from: address, count: options.uidLength, alternate: alternate) { _, bytes in
            uid += bytes
            return true
        }
        guard uid.count == options.uidLength else {
            throw LoaderError(
                .protocolError, "USB \(port): expected a UID of \(options.uidLength) bytes, received \(uid.count)",
                address: address)
        }
        return uid
    }

    func read(_ address: UInt32, _ count: Int) throws(LoaderError) -> [UInt8]? {
        let session = try live()
        let range = UInt64(address)..<UInt64(address) + UInt64(count)
        guard session.function.canUpload,
            let alternate = session.memories.filter({ $0.value.isReadable(range) }).keys.min()
        else { return nil }
        var found: [UInt8] = []
        try upload(from: address, count: count, alternate: alternate) { _, bytes in
            found += bytes
            return true
        }
        return found.count >= count ? Array(found.prefix(count)) : nil
    }

    /// Reads the board's marks anew: ids, serial number, UID.
    ///
    /// `chip` is VID:PID, `identityText` the serial number. Without a UID the serial number's bytes stand for it, unless
    /// it is one that many boards share.
    /// - Throws: ``LoaderError`` `otherBoard`, `portLost`, and those of the exchange.
    public func readBoard() throws(LoaderError) -> BoardReading {
        let device = try live().handle.device
        let uid = try readUID()
        if let known = identity?.uid, uid != known {
            throw LoaderError(.otherBoard, "USB \(port): the board's UID has changed since it was first read")
        }
        let serial = device.serial.flatMap { Self.sharedSerials.contains($0) ? nil : $0 }
        if let uid, uid.allSatisfy({ $0 == 0 }) || uid.allSatisfy({ $0 == 0xFF }) {
            throw LoaderError(.protocolError, "USB \(port): the chip's unique id is blank: nothing tells this board")
        }
        guard let mark = uid ?? serial.map({ Array($0.utf8) }) else {
            throw LoaderError(
                .protocolError,
                "USB \(port): neither a unique id nor a serial string of its own tells this board from others",
                received: device.serial)
        }
        return BoardReading(
            chip: device.id.description, mac: [], uid: mark, uidSource: uid == nil ? .identity : .chip,
            identityText: serial, flashID: nil, addressCount: 0)
    }
}

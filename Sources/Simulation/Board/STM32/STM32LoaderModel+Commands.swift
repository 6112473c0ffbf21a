import BoardProtocols

extension STM32LoaderModel {
    private static let accepted: [WireAction] = [.send([STM32Frame.acknowledge])]

    private mutating func refused() -> [WireAction] {
        state = .command
        return [.send([STM32Frame.refuse])]
    }

    /// One byte from the line.
    mutating func take(_ byte: UInt8) -> [WireAction] {
        switch state {
        case .gone: return []
        case .synchronise:
            guard byte == STM32Frame.synchronise else { return [] }
            state = .command
            return Self.accepted
        case .command:
            state = .complement(byte)
            return []
        case .complement(let code):
            state = .command
            guard byte == ~code, info.codes.contains(code), let command = STM32Command(rawValue: code) else {
                return refused()
            }
            return begin(command)
        case .frame(let command, let portion, let bytes):
            let frame = bytes + [byte]
            guard let length = length(of: portion, command, frame), frame.count >= length else {
                state = .frame(command, portion, frame)
                return []
            }
            return finish(command, portion, frame)
        }
    }

    private mutating func begin(_ command: STM32Command) -> [WireAction] {
        func answer(_ bytes: [UInt8]) -> [WireAction] {
            [.send([STM32Frame.acknowledge] + bytes + [STM32Frame.acknowledge])]
        }
        switch command {
        case .get: return answer(info.bytes)
        case .version: return answer([info.version, 0, 0])
        case .getID: return answer([1, UInt8(part.productID >> 8), UInt8(part.productID & 0xFF)])
        case .read, .go, .write, .erase, .extendedErase:
            guard !isReadProtected else { return refused() }
            let pages = command == .erase || command == .extendedErase
            state = .frame(command, pages ? .pages : .address, [])
            return Self.accepted
        case .readProtect, .readUnprotect:
            if command == .readUnprotect, isReadProtected { eraseAll() }
            isReadProtected = command == .readProtect
            state = .synchronise
            return answer([]) + [.restart]
        case .writeUnprotect:
            state = .synchronise
            return answer([]) + [.restart]
        case .writeProtect, .checksum: return refused()
        }
    }

    /// Bytes of the portion with its check byte; nil while that cannot be told.
    private func length(of portion: Portion, _ command: STM32Command, _ frame: [UInt8]) -> Int? {
        switch portion {
        case .address: return 5
        case .readLength: return 2
        case .data: return Int(frame[0]) + 3
        case .pages where command == .erase: return frame[0] == 0xFF ? 2 : Int(frame[0]) + 3
        case .pages:
            guard frame.count >= 2 else { return nil }
            let count = Int(frame[0]) << 8 | Int(frame[1])
            return count >= 0xFFF0 ? 3 : 2 * (count + 1) + 3
        }
    }

    private mutating func finish(_ command: STM32Command, _ portion: Portion, _ frame: [UInt8]) -> [WireAction] {
        state = .command
        switch portion {
        case .address:
            let address = STM32Frame.number(frame[..<4])
            guard STM32Frame.isIntact(frame), command == .read ? isReadable(address) : offset(address) != nil else {
                return refused()
            }
            switch command {
            case .read: state = .frame(command, .readLength(address), [])
            case .write: state = .frame(command, .data(address), [])
            default:
                startedAt = address
                state = .gone
                return Self.accepted + [.run]
            }
            return Self.accepted
        case .readLength(let address):
            guard frame[1] == ~frame[0], let bytes = memory(address, Int(frame[0]) + 1) else { return refused() }
            return [.send([STM32Frame.acknowledge] + bytes)]
        case .data(let address): return write(frame, at: address)
        case .pages: return erase(command, frame)
        }
    }

    private mutating func write(_ frame: [UInt8], at address: UInt32) -> [WireAction] {
        defer { writes += 1 }
        let bytes = Array(frame[1..<frame.count - 1])
        guard STM32Frame.isIntact(frame), bytes.count % 4 == 0, address % 4 == 0, let offset = offset(address),
            offset + bytes.count <= flashKiB * 1024, writes != faults.refusedWrite, flash.program(offset, bytes)
        else { return refused() }
        return writes == faults.silentWrite ? [] : Self.accepted
    }

    private mutating func erase(_ command: STM32Command, _ frame: [UInt8]) -> [WireAction] {
        let wide = command == .extendedErase
        if wide ? frame.count == 3 : frame == [0xFF, 0] {
            guard !wide || STM32Frame.isIntact(frame) && frame[0] == 0xFF && frame[1] == 0xFF else { return refused() }
            eraseAll()
            return [.sendAfter(eraseTime, [STM32Frame.acknowledge])]
        }
        guard STM32Frame.isIntact(frame) else { return refused() }
        let body = Array(frame[(wide ? 2 : 1)..<frame.count - 1])
        let numbers =
            wide
            ? stride(from: 0, to: body.count, by: 2).map { UInt16(body[$0]) << 8 | UInt16(body[$0 + 1]) }
            : body.map { UInt16($0) }
        let pages = part.pages(flashKiB: flashKiB)
        guard numbers.allSatisfy({ Int($0) < pages.count }) else { return refused() }
        for number in numbers {
            let range = pages[Int(number)].range
            let start = Int(range.lowerBound - UInt64(STM32Part.flashBase))
            _ = flash.erase(start, range.count, sector: 1024)
            erasedPages.append(number)
        }
        return [.sendAfter(eraseTime * numbers.count, [STM32Frame.acknowledge])]
    }

    private mutating func eraseAll() {
        massErases += 1
        _ = flash.erase(0, flashKiB * 1024)
    }

    // MARK: - Memory

    private func offset(_ address: UInt32) -> Int? {
        guard address >= STM32Part.flashBase else { return nil }
        let offset = Int(address - STM32Part.flashBase)
        return offset < flashKiB * 1024 ? offset : nil
    }

    private func isReadable(_ address: UInt32) -> Bool { memory(address, 1) != nil }

    /// Bytes of flash or of one of the areas in system memory; nil where there is nothing.
    private func memory(_ address: UInt32, _ count: Int) -> [UInt8]? {
        if let offset = offset(address) {
            return offset + count <= flashKiB * 1024 ? flash.read(offset, count) : nil
        }
        for area in areas where address >= area.start {
            let start = Int(address - area.start)
            guard start + count <= area.bytes.count else { continue }
            return Array(area.bytes[start..<start + count])
        }
        return nil
    }
}

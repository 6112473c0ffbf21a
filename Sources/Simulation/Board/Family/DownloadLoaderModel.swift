import BoardProtocols

/// The download mode of a simulated Cat.1 module: it takes images, gives them back, and says nothing of who it is, as the
/// download modes of such modules do. The protocol is this simulation's own; `station simulate flasher` speaks it.
///
///     PROBE LF                       OK download 1.0 LF
///     WRITE OFFSET LENGTH CRC32 LF   GO LF, then LENGTH bytes, then OK LF or ERROR WHY LF
///     READ OFFSET LENGTH LF          GO LF, then LENGTH bytes
struct DownloadLoaderModel: WireModel {
    private let flash: FlashChip
    private var line: [UInt8] = []
    private var write: (offset: Int, bytes: [UInt8], length: Int, checksum: UInt32)?

    init(flash: FlashChip) { self.flash = flash }

    mutating func receive(_ input: [UInt8]) -> [WireAction] {
        var actions: [WireAction] = []
        var rest = input[...]
        while !rest.isEmpty {
            if var pending = write {
                let part = rest.prefix(pending.length - pending.bytes.count)
                pending.bytes += part
                rest = rest.dropFirst(part.count)
                write = pending
                if pending.bytes.count == pending.length {
                    write = nil
                    actions.append(.send(finish(pending.offset, pending.bytes, pending.checksum)))
                }
            } else {
                let byte = rest.removeFirst()
                if byte == 0x0A {
                    actions += perform(String(decoding: line, as: UTF8.self))
                    line = []
                } else if line.count < 128 {
                    line.append(byte)
                }
            }
        }
        return actions
    }

    private mutating func perform(_ text: String) -> [WireAction] {
        let words = text.split(separator: " ").map(String.init)
        let numbers = words.dropFirst().compactMap(Int.init)
        switch (words.first, numbers.count) {
        case ("PROBE", 0): return [.send(Array("OK download 1.0\n".utf8))]
        case ("WRITE", 3) where flash.contains(numbers[0], numbers[1]) && numbers[1] > 0:
            write = (numbers[0], [], numbers[1], UInt32(truncatingIfNeeded: numbers[2]))
            return [.send(Array("GO\n".utf8))]
        case ("READ", 2) where flash.contains(numbers[0], numbers[1]):
            return [.send(Array("GO\n".utf8) + flash.read(numbers[0], numbers[1]))]
        default: return [.send(Array("ERROR unknown command\n".utf8))]
        }
    }

    private func finish(_ offset: Int, _ bytes: [UInt8], _ checksum: UInt32) -> [UInt8] {
        guard CRC32.checksum(bytes) == checksum else { return Array("ERROR check value\n".utf8) }
        guard flash.erase(offset, bytes.count), flash.program(offset, bytes) else { return Array("ERROR flash\n".utf8) }
        return Array("OK\n".utf8)
    }
}

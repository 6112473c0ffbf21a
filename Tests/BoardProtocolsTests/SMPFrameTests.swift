import BoardProtocols
import Testing

@Suite("SMP frames on a serial line")
struct SMPFrameTests {
    /// What came out of a stream, text joined.
    private struct Found: Equatable {
        var messages: [[UInt8]] = []
        var text: [UInt8] = []
        var damaged: [SMPFrame.Damage] = []
    }

    private func decode(_ chunks: [ArraySlice<UInt8>], limit: Int = 8192) -> Found {
        var decoder = SMPFrame.Decoder(limit: limit)
        var found = Found()
        for item in chunks.flatMap({ decoder.push($0) }) {
            switch item {
            case .message(let message): found.messages.append(message)
            case .text(let text): found.text += text
            case .damaged(let damage): found.damaged.append(damage)
            }
        }
        return found
    }

    private func decode(_ bytes: [UInt8]) -> Found { decode([bytes[...]]) }

    @Test("the published example is written and read as it stands")
    func vector() {
        let wire: [UInt8] = [0x06, 0x09] + Array("AA9IZWxsbywgd29ybGQhet4=".utf8) + [0x0A]
        #expect(SMPFrame.encode(Array("Hello, world!".utf8)) == wire)
        #expect(decode(wire) == Found(messages: [Array("Hello, world!".utf8)]))
        #expect(SMPFrame.crc16(Array("123456789".utf8)) == 0x31C3)
    }

    @Test("1,000 random messages come back, however lines and chunks are cut and whatever the console prints between")
    func roundTrips() {
        var random = SystemRandomNumberGenerator()
        for round in 0..<1000 {
            let messages = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                (0..<Int.random(in: 0...600, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            let lineLength = round.isMultiple(of: 2) ? 127 : Int.random(in: 7...200, using: &random)
            var wire: [UInt8] = []
            var text: [UInt8] = []
            for message in messages {
                let console = Array("[00:00:0\(round % 10)] <inf> \r\nuart:~$ ".utf8.prefix(.random(in: 0...26)))
                text += console
                let lines = SMPFrame.encode(message, lineLength: lineLength)
                #expect(lines.split(separator: 0x0A).allSatisfy { $0.count < lineLength })
                wire += console + lines
            }
            var chunks: [ArraySlice<UInt8>] = []
            var start = 0
            while start < wire.count {
                let end = min(start + Int.random(in: 1...200, using: &random), wire.count)
                chunks.append(wire[start..<end])
                start = end
            }
            #expect(decode(chunks) == Found(messages: messages, text: text), "round \(round)")
        }
    }

    @Test("console lines between the lines of one frame are text, and the frame is whole")
    func interleaved() {
        let message = [UInt8](repeating: 7, count: 200)
        let lines = SMPFrame.encode(message).split(separator: 0x0A).map { Array($0) + [0x0A] }
        let wire = lines.joined(separator: Array("log\n".utf8))
        #expect(lines.count == 3)
        #expect(decode(Array(wire)) == Found(messages: [message], text: Array("log\nlog\n".utf8)))
    }

    @Test("damage is named, and the next frame is read")
    func damage() {
        let good = SMPFrame.encode(Array("Hello, world!".utf8))
        let next = [Array("Hello, world!".utf8)]
        var crc = good
        crc[8] = UInt8(ascii: "B")
        #expect(decode(crc + good) == Found(messages: next, damaged: [.crc]))
        var character = good
        character[8] = UInt8(ascii: "!")
        #expect(decode(character + good) == Found(messages: next, damaged: [.base64]))
        #expect(decode(good.dropLast(9) + [0x0A] + good) == Found(messages: next, damaged: [.unfinished]))
        #expect(decode(good.dropLast(9) + good) == Found(messages: next, damaged: [.unfinished]))
        let orphan = [0x04, 0x14] + good.dropFirst(2)
        #expect(decode(orphan + good) == Found(messages: next, damaged: [.orphan]))
        let long: [UInt8] = [0x06, 0x09] + Array("//9IZWxsbywgd29ybGQhet4=".utf8) + [0x0A]
        #expect(decode(long + good) == Found(messages: next, damaged: [.length]))
        let short: [UInt8] = [0x06, 0x09] + Array("AABI".utf8) + [0x0A]
        #expect(decode(short + good) == Found(messages: next, damaged: [.length]))
    }

    @Test("a lone marker byte is text")
    func loneMarker() {
        #expect(decode([0x06, 0x41, 0x04, 0x0A]) == Found(text: [0x06, 0x41, 0x04, 0x0A]))
    }

    @Test("any bytes at all make the decoder neither stop nor grow")
    func noise() {
        var random = SystemRandomNumberGenerator()
        var decoder = SMPFrame.Decoder(limit: 300)
        let choice: [UInt8] = [0x06, 0x09, 0x04, 0x14, 0x0A, 0x41, 0x2F, 0xFF]
        for _ in 0..<2000 {
            _ = decoder.push((0..<64).map { _ in choice[Int.random(in: 0..<choice.count, using: &random)] })
        }
        let last = decoder.push([0x0A] + SMPFrame.encode([1, 2, 3]))
        #expect(last.contains(.message([1, 2, 3])))
    }
}

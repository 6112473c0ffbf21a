import BoardProtocols
import Testing

@Suite struct SLIPTests {
    /// Frames merged as they come, text joined.
    private func decode(_ chunks: [ArraySlice<UInt8>], firstBytes: Set<UInt8>? = nil) -> (
        frames: [[UInt8]], text: [UInt8]
    ) {
        var decoder = SLIP.Decoder(firstBytes: firstBytes)
        var frames: [[UInt8]] = []
        var text: [UInt8] = []
        for item in chunks.flatMap({ decoder.push($0) }) {
            switch item {
            case .frame(let frame): frames.append(frame)
            case .text(let more): text += more
            }
        }
        return (frames, text)
    }

    @Test("delimiter and escape bytes are escaped, and nothing else is")
    func escapes() {
        #expect(SLIP.encode([0x01, 0xC0, 0xDB, 0xDC]) == [0xC0, 0x01, 0xDB, 0xDC, 0xDB, 0xDD, 0xDC, 0xC0])
    }

    @Test("a stream of boot text and frames gives the same frames and text however it is cut in two")
    func cutAtEveryByte() {
        let first: [UInt8] = [0x01, 0xC0, 0xDB, 0xDC, 0xDD]
        let second = [UInt8](0...255)
        let before = Array("waiting for download\r\n".utf8)
        let after = Array("ets Jul 29".utf8)
        let wire = before + SLIP.encode(first) + SLIP.encode(second) + after
        for cut in 0...wire.count {
            let (frames, text) = decode([wire[..<cut], wire[cut...]])
            #expect(frames == [first, second], "cut at \(cut)")
            #expect(text == before + after, "cut at \(cut)")
        }
    }

    @Test("byte by byte is as good as all at once")
    func bytewise() {
        let wire = SLIP.encode([1, 2, 0xC0]) + [0x41] + SLIP.encode([1, 3])
        let (frames, text) = decode(wire.indices.map { wire[$0...$0] })
        #expect(frames == [[1, 2, 0xC0], [1, 3]])
        #expect(text == [0x41])
    }

    @Test("a listener that starts inside a frame is back in step at the next one")
    func resynchronises() {
        let frame: [UInt8] = [0x01, 0x08, 0, 0, 0, 0, 0, 0]
        let (frames, text) = decode([([0x07, 0xC0, 0x68, 0x69] + SLIP.encode(frame))[...]], firstBytes: [0x01])
        #expect(frames == [frame])
        #expect(text == [0x07, 0x68, 0x69])
    }

    @Test("a frame with an impossible escape is text, not a frame")
    func badEscape() {
        let (frames, text) = decode([[0xC0, 0x01, 0xDB, 0x00, 0xC0, 0x01, 0xC0]])
        #expect(frames == [[0x01]])
        #expect(text == [0x01, 0xDB, 0x00])
    }

    @Test("a frame over the limit is given up instead of growing")
    func limit() {
        var decoder = SLIP.Decoder(limit: 4)
        #expect(decoder.push([0xC0, 1, 2, 3, 4, 5]) == [.text([1, 2, 3, 4, 5])])
    }
}

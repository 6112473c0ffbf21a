import BoardProtocols
import Testing

@Suite("SMP messages and MCUboot images")
struct SMPMessageTests {
    @Test("a request has its header in network order and the arguments as a map")
    func request() throws {
        let message = SMPRequest.echo("hi").message(version: 1, sequence: 7)
        #expect(message.encoded == [0x0A, 0, 0, 6, 0, 0, 7, 0, 0xA1, 0x61, 0x64, 0x62, 0x68, 0x69])
        let parsed = try SMPMessage(parsing: message.encoded)
        #expect(parsed == message)
    }

    @Test("bytes that are no message are refused with their reason")
    func refusals() {
        #expect(throws: SMPMessage.ParseError.tooShort(7)) { try SMPMessage(parsing: [0, 0, 0, 0, 0, 0, 0]) }
        #expect(throws: SMPMessage.ParseError.operation(7)) { try SMPMessage(parsing: [7, 0, 0, 0, 0, 0, 0, 0]) }
        #expect(throws: SMPMessage.ParseError.length(stated: 2, found: 1)) {
            try SMPMessage(parsing: [1, 0, 0, 2, 0, 0, 0, 0, 0xA0])
        }
        #expect(throws: SMPMessage.ParseError.noMap) { try SMPMessage(parsing: [1, 0, 0, 1, 0, 0, 0, 0, 0x80]) }
        #expect(throws: SMPMessage.ParseError.body(.truncated)) {
            try SMPMessage(parsing: [1, 0, 0, 1, 0, 0, 0, 0, 0xA1])
        }
    }

    @Test("an answer belongs to a request by operation, group, command and sequence")
    func answers() {
        let request = SMPRequest.imageState
        var answer = SMPMessage(.readAnswer, version: 0, group: 1, command: 0, sequence: 3)
        #expect(request.isAnswered(by: answer, sequence: 3))
        #expect(!request.isAnswered(by: answer, sequence: 4))
        answer.operation = .writeAnswer
        #expect(!request.isAnswered(by: answer, sequence: 3))
    }

    @Test("errors of both versions are found and named, and success is none")
    func errors() {
        #expect(SMPRefusal(in: .map([.init("rc", .integer(0))])) == nil)
        #expect(SMPRefusal(in: .map([.init("off", .integer(5))])) == nil)
        let first = SMPRefusal(in: .map([.init("rc", .integer(8))]))
        #expect(first?.isNotSupported == true)
        #expect(first.map { "\($0)" } == "notsup (code 8)")
        let second = SMPRefusal(
            in: .map([.init("err", .map([.init("group", .integer(1)), .init("rc", .integer(30))]))]))
        #expect(second.map { "\($0)" } == "image too large (code 30, group 1)")
        #expect("\(SMPRefusal(group: 77, code: 5))" == "code 5, group 77")
    }

    @Test("a request prints its name and not its arguments")
    func printing() {
        let request = SMPRequest.writeSetting("cred/secret", Array("geheim".utf8))
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", String(reflecting: request), dumped] {
            #expect(!text.contains("geheim") && text.contains("settings write"))
        }
    }

    /// Stands in for SHA-256, which this target does not have: the sum's four bytes eight times.
    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        let sum = bytes.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
        return (0..<8).flatMap { _ in LittleEndian.bytes(sum) }
    }

    @Test("an image that is built is read back, with and without protected TLVs", arguments: [false, true])
    func image(protected: Bool) throws {
        let bytes = MCUbootImage.build(
            payload: [UInt8](repeating: 9, count: 1001), version: .init(1, 2, 300, build: 4),
            protected: protected ? [(0x50, [1, 2, 3])] : [], sha256: Self.digest)
        let image = try MCUbootImage(parsing: bytes + [0xFF, 0xFF])
        #expect(image.version.description == "1.2.300.4")
        #expect(image.size == bytes.count)
        #expect(image.hash == Self.digest(Array(bytes[..<image.hashedSize])))
        #expect(image.hashedSize == 32 + 1001 + (protected ? 11 : 0))
        #expect(image.tlvs.count == (protected ? 2 : 1))
    }

    @Test("no cut and no changed byte of an image does more than fail")
    func hostileImage() {
        let bytes = MCUbootImage.build(payload: [1, 2, 3], version: .init(1, 0, 0), sha256: Self.digest)
        for length in 0..<bytes.count {
            #expect(throws: MCUbootImage.ParseError.self) { try MCUbootImage(parsing: Array(bytes[..<length])) }
        }
        for index in bytes.indices {
            for value: UInt8 in [0, 0x7F, 0x80, 0xFF] {
                var changed = bytes
                changed[index] = value
                _ = try? MCUbootImage(parsing: changed)
            }
        }
        #expect(throws: MCUbootImage.ParseError.magic(0xFFFF_FFFF)) {
            try MCUbootImage(parsing: [UInt8](repeating: 0xFF, count: 4096))
        }
    }
}

import BoardProtocols
import Testing

@Suite struct EspressifMessageTests {
    @Test("SYNC is the sequence the ROM measures its rate on")
    func sync() {
        let head: [UInt8] = [0x00, 0x08, 0x24, 0x00, 0, 0, 0, 0, 0x07, 0x07, 0x12, 0x20]
        #expect(EspressifRequest.sync.body == head + [UInt8](repeating: 0x55, count: 32))
    }

    @Test("the check value of a block covers the block only, seeded with EF")
    func checksum() {
        let request = EspressifRequest.memoryData(sequence: 3, [0x01, 0x02, 0x04])
        #expect(request.checksum == 0xEF ^ 0x01 ^ 0x02 ^ 0x04)
        #expect(request.block == EspressifRequest.Block(sequence: 3, payload: [0x01, 0x02, 0x04]))
        #expect(EspressifRequest.readRegister(0x6000_8844).checksum == 0)
    }

    @Test(
        "a request survives its way over the wire",
        arguments: [
            EspressifRequest.readRegister(0x6000_8844), .spiAttach(stub: false), .spiSetParameters(size: 4 << 20),
            .flashBegin(deflate: true, size: 9, blocks: 1, blockSize: 1024, offset: 0x10000, extended: true),
            .flashData(deflate: true, sequence: 0, [0xC0, 0xDB]), .flashMD5(address: 0, size: 4096),
            .changeBaud(to: 921_600, current: 0), .readFlash(offset: 0, length: 8, packet: 4096, window: 64),
        ])
    func roundTrip(_ request: EspressifRequest) throws {
        var decoder = SLIP.Decoder(firstBytes: [0])
        let items = decoder.push(request.frame)
        guard case .frame(let body) = try #require(items.first) else { return }
        #expect(try EspressifRequest(parsing: body) == request)
    }

    @Test("a request cut short anywhere is refused with both lengths")
    func cutRequest() {
        let body = EspressifRequest.readRegister(1).body
        for length in 0..<body.count {
            #expect(throws: EspressifFormatError.self) { try EspressifRequest(parsing: Array(body[..<length])) }
        }
    }

    @Test("status is found behind the payload with two and with four bytes", arguments: [2, 4])
    func status(_ length: Int) throws {
        let done = EspressifResponse(0x13, payload: [UInt8](repeating: 7, count: 16), statusLength: length)
        let parsed = try EspressifResponse(parsing: done.body)
        #expect(try parsed.payload(length: 16) == [UInt8](repeating: 7, count: 16))

        let refused = EspressifResponse(0x13, refusing: .badChecksum, statusLength: length)
        #expect(throws: EspressifFormatError.refused(.badChecksum)) {
            try EspressifResponse(parsing: refused.body).payload(length: 16)
        }
    }

    @Test("a request is not taken for an answer")
    func direction() {
        #expect(throws: EspressifFormatError.direction(expected: 1, received: 0)) {
            try EspressifResponse(parsing: EspressifRequest.sync.body)
        }
    }

    @Test("the reason of a bad RAM upload reads as users know it")
    func reasonText() { #expect(EspressifReason.badChecksum.description == "0107: checksum error") }

    @Test("security information is read in its short and its long form")
    func securityInfo() throws {
        let long = EspressifSecurityInfo(flags: 5, flashCryptCount: 1, chipID: 5, ecoVersion: 3)
        #expect(long.bytes.count == 20)
        #expect(EspressifSecurityInfo(parsing: long.bytes) == long)
        #expect(long.secureBoot && long.secureDownload && long.flashEncryption)
        let short = try #require(EspressifSecurityInfo(parsing: Array(long.bytes.prefix(12))))
        #expect(short.chipID == nil)
        #expect(EspressifSecurityInfo(parsing: [1, 2, 3]) == nil)
    }

    @Test("timeouts grow with size between a floor and the ceiling")
    func timeouts() {
        #expect(EspressifTimeouts.erase(bytes: 4096) == .seconds(3))
        #expect(EspressifTimeouts.erase(bytes: 1 << 20) == .seconds(40))
        #expect(EspressifTimeouts.erase(bytes: 16 << 20) == .seconds(240))
        #expect(EspressifTimeouts.md5(bytes: 1 << 20) == .seconds(8))
    }
}

import BoardProtocols

extension FuzzTarget {
    /// The lines in which SMP crosses a console.
    static let smpFrame = FuzzTarget(
        "smp-frame",
        seeds: [
            Array("boot\r\n".utf8)
                + SMPFrame.encode(SMPRequest.echo("station").message(version: 1, sequence: 7).encoded),
            SMPFrame.encode([UInt8](repeating: 0x42, count: 200)),
        ], count: 250
    ) { bytes in
        try Portions.check(bytes) { portions in
            var decoder = SMPFrame.Decoder(limit: 512)
            return merged(portions.flatMap { decoder.push($0) })
        }
        var decoder = SMPFrame.Decoder()
        for length in [7, 20, SMPFrame.lineLength] {
            try insist(
                decoder.push(SMPFrame.encode(bytes, lineLength: length)).filter {
                    if case .text = $0 { false } else { true }
                },
                equals: [.message(bytes)], "a message in lines of \(length)")
        }
    }

    private static func merged(_ items: [SMPFrame.Item]) -> [SMPFrame.Item] {
        items.reduce(into: []) { found, item in
            if case .text(let more) = item, case .text(let text)? = found.last {
                found[found.count - 1] = .text(text + more)
            } else {
                found.append(item)
            }
        }
    }

    /// SMP messages and the CBOR in them.
    static let smp = FuzzTarget(
        "smp",
        seeds: [
            SMPRequest.upload(
                offset: 0, data: [1, 2, 3], image: 0, length: 3, sha256: [UInt8](repeating: 9, count: 32)
            )
            .message(version: 1, sequence: 1).encoded,
            SMPMessage(
                .readAnswer, version: 1, group: 1, command: 0, sequence: 2,
                body: .map([
                    .init(
                        "images",
                        .array([
                            .map([
                                .init("slot", .integer(0)), .init("version", .text("1.2.3")),
                                .init("hash", .bytes([1, 2])), .init("active", .bool(true)),
                            ])
                        ]))
                ])
            ).encoded,
            SMPMessage(
                .writeAnswer, version: 1, group: 1, command: 1, sequence: 2,
                body: .map([
                    .init("err", .map([.init("group", .integer(1)), .init("rc", .integer(30))])),
                    .init("off", .integer(-1)),
                ])
            ).encoded,
        ], words: ["err", "rc", "images", "slot", "off", "\u{7F}"], mend: mendedLength
    ) { bytes in
        if let message = try orRefusal({ () throws(SMPMessage.ParseError) in try SMPMessage(parsing: bytes) }) {
            try insist(try SMPMessage(parsing: message.encoded), equals: message, "a message read again")
            if let refusal = SMPRefusal(in: message.body) {
                try insist(!refusal.description.isEmpty && refusal.code != 0, "a refusal without a word")
                _ = (refusal.isNoEntry, refusal.isNotSupported)
            }
            _ = SMPImageSlot.list(in: message.body)
        }
        for body in [bytes[...], bytes.dropFirst(SMPMessage.headerSize)] {
            guard let value = try orRefusal({ () throws(CBORError) in try CBOR(decoding: body) }) else { continue }
            let encoded = value.encoded
            try insist(encoded.count <= body.count, "shortest form of \(encoded.count) bytes for \(body.count)")
            try insist(try CBOR(decoding: encoded), equals: value, "CBOR read again")
        }
    }

    /// The header's length put right.
    private static func mendedLength(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= SMPMessage.headerSize else { return bytes }
        let length = bytes.count - SMPMessage.headerSize
        return [bytes[0] & 0x1B, bytes[1], UInt8(length >> 8), UInt8(length & 255)] + bytes[4...]
    }

    /// MCUboot images.
    static let mcuboot = FuzzTarget(
        "mcuboot",
        seeds: [
            MCUbootImage.build(
                payload: [1, 2, 3, 4], version: .init(1, 2, 3, build: 4), protected: [(0x50, [1, 0, 0, 0])],
                sha256: { bytes in (0..<8).flatMap { LittleEndian.bytes(CRC32.checksum(bytes) &+ $0) } })
        ]
    ) { bytes in
        guard let image = try orRefusal({ () throws(MCUbootImage.ParseError) in try MCUbootImage(parsing: bytes) })
        else {
            return
        }
        try insist(image.hashedSize <= image.size && image.size <= bytes.count, "an image longer than its bytes")
        try insist(image.tlvs.reduce(0) { $0 + $1.value.count } <= bytes.count, "TLVs longer than the image")
        _ = (image.hash, image.version.description)
        let again = try MCUbootImage(parsing: Array(bytes.prefix(image.size)))
        try insist(again, equals: image, "the image cut to its size")
    }
}

import BoardProtocols

extension FuzzTarget {
    /// SLIP frames between boot-log text, with and without a set of first bytes.
    static let slip = FuzzTarget(
        "slip", seeds: [SLIP.encode([1, 8, 4, 0, 0x12, 0x20, 0x55, 0x55, 0xC0, 0xDB, 0, 0])],
        words: ["\u{0}"]
    ) { bytes in
        for first in [nil, Set<UInt8>([0, 1])] {
            try Portions.check(bytes) { portions in
                var decoder = SLIP.Decoder(firstBytes: first, limit: 256)
                return merged(portions.flatMap { decoder.push($0) })
            }
        }
        guard !bytes.isEmpty else { return }
        var decoder = SLIP.Decoder(limit: bytes.count)
        try insist(decoder.push(SLIP.encode(bytes)), equals: [.frame(bytes)], "a frame read again")
    }

    /// Text comes in pieces as portions do: neighbours are one.
    private static func merged(_ items: [SLIP.Item]) -> [SLIP.Item] {
        items.reduce(into: []) { found, item in
            if case .text(let more) = item, case .text(let text)? = found.last {
                found[found.count - 1] = .text(text + more)
            } else {
                found.append(item)
            }
        }
    }

    /// Requests and answers of Espressif's loaders, out of their frames.
    static let espressif = FuzzTarget(
        "espressif",
        seeds: [
            EspressifRequest.sync.body, EspressifRequest.flashData(deflate: true, sequence: 3, [1, 2, 3]).body,
            EspressifResponse(0x14, payload: EspressifSecurityInfo(chipID: 5).bytes, statusLength: 4).body,
            EspressifResponse(0x03, refusing: .badChecksum, statusLength: 2).body,
        ]
    ) { bytes in
        if let request = try orRefusal({ () throws(EspressifFormatError) in try EspressifRequest(parsing: bytes) }) {
            try insist(try EspressifRequest(parsing: request.body), equals: request, "a request read again")
            if let block = request.block {
                try insist(block.payload.count <= bytes.count, "a block of more bytes than came")
                _ = EspressifRequest.blockChecksum(block.payload)
            }
        }
        if let answer = try orRefusal({ () throws(EspressifFormatError) in try EspressifResponse(parsing: bytes) }) {
            try insist(try EspressifResponse(parsing: answer.body), equals: answer, "an answer read again")
            for length in [0, 4, 16, 20, 64, answer.data.count] {
                _ = try orRefusal { () throws(EspressifFormatError) in try answer.payload(length: length) }
            }
        }
        if let info = EspressifSecurityInfo(parsing: bytes) {
            try insist(
                EspressifSecurityInfo(parsing: info.bytes) == info || info.chipID == nil || info.ecoVersion == nil,
                "security info read again differs")
        }
        for chip in EspressifChip.all {
            let words = chip.macRegisters.indices.compactMap { LittleEndian.u32(bytes, at: 4 * $0) }
            // An ESP8266 implies its OUI where none is stated, so that one of zeros cannot be.
            guard let octets = chip.macOctets(from: words), octets.prefix(3).contains(where: { $0 != 0 }) else {
                continue
            }
            try insist(
                chip.macOctets(from: chip.macWords(for: octets)), equals: octets, "\(chip.name)'s MAC read again")
            _ = chip.macCheckValues(from: words)
        }
    }

    /// Firmware images, of both header forms.
    static let espImage = FuzzTarget("esp-image", limit: 8192, seeds: espImageSeeds, mend: mendedImage) { bytes in
        for isExtended in [true, false] {
            guard
                let image = try orRefusal({ () throws(ESPImageError) in
                    try ESPImage(parsing: bytes, extendedHeader: isExtended, sha256: digest)
                })
            else { continue }
            try insist(image.length <= bytes.count, "an image longer than its bytes")
            try insist(image.segments.reduce(0) { $0 + $1.data.count } <= bytes.count, "segments longer than the image")
            if let application = image.application {
                try insist(ESPApplication(parsing: application.bytes) != nil, "a descriptor that cannot be read again")
            }
            let again = ESPImage.build(
                entry: image.entry, chipID: image.chipID, segments: image.segments, flashMode: image.flashMode,
                flashSizeAndFrequency: image.flashSizeAndFrequency, sha256: digest)
            let read = try ESPImage(parsing: again, extendedHeader: isExtended, sha256: digest)
            try insist(read.segments, equals: image.segments, "segments read again")
        }
    }

    private static let espImageSeeds: [[UInt8]] = [
        ESPImage.build(
            entry: 0x4038_0000, chipID: 5,
            segments: [
                .init(address: 0x3C02_0020, data: ESPApplication(version: "1.2.3", project: "lamp").bytes),
                .init(address: 0x4038_0000, data: [1, 2, 3, 4]),
            ], sha256: digest),
        ESPImage.build(
            entry: 0x4010_0000, chipID: nil, segments: [.init(address: 0x4010_0000, data: [5, 6, 7])], sha256: digest),
    ]

    /// A stand-in for SHA-256, which this target's packages do not have: as long, and quick.
    private static func digest(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let sum = CRC32.checksum(bytes)
        return (0..<8).flatMap { LittleEndian.bytes(sum &+ $0) }
    }

    /// Check value and digest put right, as far as the segments lead to their places.
    private static func mendedImage(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count > 24, bytes[0] == ESPImage.magic else { return bytes }
        var bytes = bytes
        let isExtended = bytes[23] == 1
        var position = isExtended ? 24 : 8
        var check: UInt8 = 0xEF
        for _ in 0..<min(bytes[1], 16) {
            guard let size = LittleEndian.u32(bytes, at: position + 4), position + 8 + Int(size) <= bytes.count else {
                return bytes
            }
            check = bytes[position + 8..<position + 8 + Int(size)].reduce(check, ^)
            position += 8 + Int(size)
        }
        let end = (position / 16 + 1) * 16
        bytes = bytes.prefix(end) + [UInt8](repeating: 0, count: max(0, end - bytes.count))
        bytes[end - 1] = check
        return isExtended ? bytes + digest(bytes[...]) : bytes
    }
}

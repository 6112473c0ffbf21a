import BoardProtocols
import Fuzzing
import Provisioning

@testable import Bench

extension FuzzTarget {
    /// What flashers of other makers print, and boards' consoles.
    static let toolOutput = FuzzTarget(
        "tool-output",
        seeds: [
            "Writing at 0x1000... (12 %)\r100%\nnan%\ninf%\n512/1024 bytes\n\u{1B}[31mred\u{1B}[0m\n".utf8.map { $0 }
        ],
        words: ["%", "nan", "inf", "-1%", "1e400%", "/", "0x", "\u{1B}[", "\u{8}", "\r"]
    ) { bytes in
        try Portions.check(bytes) { portions in
            var lines = ToolLines()
            return portions.flatMap { portion in portion.withUnsafeBytes { lines.push($0) } } + [lines.flush() ?? ""]
        }
        try Portions.check(bytes) { portions in
            var lines = ConsoleLines()
            return portions.flatMap { lines.push(Array($0)) } + [lines.flush() ?? ""]
        }
        var splitter = ConsoleLines()
        let lines = splitter.push(bytes + [10])
        for line in lines {
            try insist(!line.unicodeScalars.contains { $0.value < 0x20 && $0 != "\t" }, "a control character in a line")
        }
        for pattern in [#"(\S+)%"#, #"(\S+)/(\S+)"#] {
            var progress = ToolProgress(pattern: try ConsolePattern(pattern), total: 1 << 20)
            var last = 0
            for line in lines {
                guard let done = progress.bytes(in: line) else { continue }
                try insist(done > last && done <= 1 << 20, "progress of \(done) after \(last)")
                last = done
            }
        }
    }

    /// Credentials as they lie on boards: regions of names and values, and places behind a marker.
    static let credentialRegion = FuzzTarget(
        "credential-region", limit: 1024, seeds: credentialSeeds, mend: mendedRegion
    ) { bytes in
        if let found = try orRefusal({ () throws(CredentialImageError) in try KeyValueRegion.read(bytes) }) {
            try insist(found.productKey.utf8.count <= bytes.count, "a key longer than its region")
            let region = try orRefusal { () throws(CredentialImageError) in
                try KeyValueRegion.region(
                    productKey: found.productKey, productSecret: found.productSecret, offset: 0, size: 4096)
            }
            if let region {
                let again = try KeyValueRegion.read(region.image)
                try insist(
                    again.productKey == found.productKey && again.productSecret == found.productSecret,
                    "a credential read again differs")
            }
        }
        let patch = try MarkerPatch(marker: Array("CREDENTIAL-HERE:".utf8), capacity: 96, trailer: .crc32)
        _ = try orRefusal { () throws(CredentialImageError) in try patch.read(from: bytes) }
        let patched = try orRefusal { () throws(CredentialImageError) in
            try patch.applied(to: bytes, productKey: "a1Tq7Wn2Xe0", productSecret: Secret("hunter2"))
        }
        if let patched {
            try insist(patched.count, equals: bytes.count, "bytes of a patched image")
            try insist(
                try patch.read(from: patched)?.productSecret == Secret("hunter2"), "a patched image without its secret")
        }
    }

    private static let credentialSeeds: [[UInt8]] = {
        let region = try? KeyValueRegion.region(
            productKey: "a1Tq7Wn2Xe0", productSecret: Secret("hunter2"), offset: 0, size: 512)
        let image = Array("code CREDENTIAL-HERE:".utf8) + [UInt8](repeating: 0, count: 96) + Array("more".utf8)
        return [region.map { Array($0.image.prefix(128)) } ?? [], image + LittleEndian.bytes(CRC32.checksum(image))]
    }()

    /// The CRC-32 of a region of names and values, or of the whole image at its end, put right.
    private static func mendedRegion(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.starts(with: Array("CRED".utf8)), bytes.count > 16, let length = LittleEndian.u32(bytes, at: 8),
            Int(length) <= bytes.count - 16
        {
            let crc = CRC32.checksum(Array(bytes[..<12]) + bytes[16..<16 + Int(length)])
            return bytes[..<12] + LittleEndian.bytes(crc) + bytes[16...]
        }
        guard bytes.count > 4 else { return bytes }
        return bytes.dropLast(4) + LittleEndian.bytes(CRC32.checksum(bytes.dropLast(4)))
    }
}

import BoardProtocols

extension FuzzTarget {
    /// NVS partitions as they lie in flash: read, changed as firmware does, made anew.
    static let nvs = FuzzTarget(
        "nvs", limit: 3 * 4096, seeds: [[UInt8](repeating: 0xFF, count: 3 * 4096), usedUp], mend: mendedPartition
    ) { bytes in
        guard let partition = try orRefusal({ () throws(NVSError) in try NVSPartition(parsing: bytes) }) else { return }
        for entry in partition.entries {
            try insist(
                partition.value(entry.key, in: entry.namespace), equals: entry.value, "the value of \(entry.key)")
        }
        try insist("\(partition)".utf8.count < 200 * (partition.entries.count + 1), "a partition prints its values")

        guard var editor = try orRefusal({ () throws(NVSError) in try NVSEditor(bytes) }) else { return }
        let values: [(String, NVSValue)] = [
            ("ssid", .string(String(repeating: "x", count: Int(bytes.first ?? 0)))), ("count", .u32(7)),
            ("blob", .blob(Array(bytes.prefix(700)))),
        ]
        for (key, value) in values {
            let done: Void? = try orRefusal { () throws(NVSError) in try editor.set(value, key: key, in: "fuzz") }
            guard done != nil else { continue }
            try insist(editor.bytes.count, equals: bytes.count, "the bytes of a changed partition")
            let read = try NVSPartition(parsing: editor.bytes)
            try insist(read.value(key, in: "fuzz"), equals: value, "the value written under \(key)")
        }
        _ = try orRefusal { () throws(NVSError) in try editor.remove("count", in: "fuzz") }

        let names = partition.entries.reduce(into: [String]()) {
            if !$0.contains($1.namespace) { $0.append($1.namespace) }
        }
        let contents = names.map { name in
            NVSPartition.Namespace(
                name, partition.entries.filter { $0.namespace == name }.map { ($0.key, $0.value) })
        }
        guard let built = try orRefusal({ () throws(NVSError) in try NVSPartition.build(contents, size: bytes.count) })
        else { return }
        let again = try NVSPartition(parsing: built)
        try insist(again.entries.count, equals: partition.entries.count, "the entries of a partition made anew")
        for entry in partition.entries {
            try insist(again.value(entry.key, in: entry.namespace), equals: entry.value, "\(entry.key) made anew")
        }
    }

    /// The CRCs of page headers, entries and data put right; whole pages.
    private static func mendedPartition(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes + [UInt8](repeating: 0xFF, count: (4096 - bytes.count % 4096) % 4096)
        func put(_ crc: UInt32, _ place: Int) {
            bytes.replaceSubrange(place..<place + 4, with: LittleEndian.bytes(crc))
        }
        for page in stride(from: 0, to: bytes.count, by: 4096)
        where bytes[page..<page + 4096].contains(where: { $0 != 0xFF }) {
            put(CRC32.nvs(bytes[page + 4..<page + 28]), page + 28)
            for entry in stride(from: page + 64, to: page + 4096, by: 32) {
                let state = bytes[page + 32 + (entry - page - 64) / 128] >> UInt8((entry - page - 64) / 32 % 4 * 2) & 3
                guard state == 2 else { continue }
                let count = Int(bytes[entry + 24]) | Int(bytes[entry + 25]) << 8
                if [0x21, 0x42].contains(bytes[entry + 1]), entry + 32 + count <= page + 4096 {
                    put(CRC32.nvs(bytes[entry + 32..<entry + 32 + count]), entry + 28)
                }
                put(CRC32.nvs(Array(bytes[entry..<entry + 4]) + bytes[entry + 8..<entry + 32]), entry + 4)
            }
        }
        return bytes
    }

    /// A full page with the last number there is, and blank ones.
    private static var usedUp: [UInt8] {
        let head: [UInt8] = [0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE]
        return mendedPartition(head + [UInt8](repeating: 0xFF, count: 3 * 4096 - head.count))
    }
}

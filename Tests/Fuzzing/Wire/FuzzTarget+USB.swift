import BoardProtocols

extension FuzzTarget {
    /// Descriptors and answers of USB devices and hubs.
    static let usb = FuzzTarget(
        "usb", limit: 1024,
        seeds: [
            [
                9, 2, 36, 0, 1, 1, 0, 0xC0, 50, 9, 4, 0, 0, 0, 0xFE, 1, 2, 4, 9, 4, 0, 1, 0, 0xFE, 1, 2, 5, 9, 0x21,
                0x0B,
                0xFF, 0, 0, 8, 0x1A, 1,
            ],
            [12, 3, 0x61, 0, 0x3D, 0xD8, 0, 0xDE, 0x62, 0, 0x63, 0], [0, 0, 0, 0, 2, 0],
            [9, 0x29, 4, 1, 0, 50, 100, 0, 0xFF],
            [1, 1, 1, 0],
        ]
    ) { bytes in
        if let configuration = USBConfiguration(bytes) {
            let size = configuration.interfaces.reduce(0) { $0 + $1.classDescriptors.joined().count }
            try insist(size <= bytes.count, "descriptors of more bytes than came")
            if let (interfaces, function) = DFUFunction.find(in: configuration) {
                try insist(function.transferSize > 0, "a transfer size of 0")
                try insist(Set(interfaces.map(\.number)).count, equals: 1, "interfaces found")
            }
        }
        _ = USBText.parse(bytes)
        if let report = DFUReport(bytes) {
            try insist(report.pollTimeout <= .milliseconds(0xFF_FFFF), "a longer time than three bytes hold")
        }
        if let hub = USBHubDescriptor(bytes) { try insist((1...255).contains(hub.ports), "ports of a hub") }
        for isSuper in [true, false] { _ = USBHubPort(bytes, superSpeed: isSuper) }
    }

    /// Files for DFU: suffix, DfuSe content.
    static let dfuFile = FuzzTarget(
        "dfu-file", limit: 8192,
        seeds: [
            DFUSuffix(vendor: 0x0483, product: 0xDF11, version: 0x011A).appended(
                to: DfuSeFile(targets: [
                    .init(
                        alternate: 0, name: "Internal Flash",
                        elements: [
                            .init(address: 0x0800_0000, bytes: [1, 2, 3, 4]), .init(address: 0x0800_4000, bytes: [5]),
                        ])
                ]).bytes),
            DFUSuffix(vendor: 0x1209, product: 0xFFFF).appended(to: [9, 9, 9]),
        ], mend: mendedSuffix
    ) { bytes in
        guard let (suffix, content) = try orRefusal({ () throws(DFUSuffix.Failure) in try DFUSuffix.parse(bytes) })
        else {
            return
        }
        let again = try DFUSuffix.parse(suffix.appended(to: Array(content)))
        try insist(again.suffix, equals: suffix, "a suffix read again")
        try insist(Array(again.content), equals: Array(content), "content before a suffix read again")
        guard let file = try orRefusal({ () throws(DfuSeFile.Failure) in try DfuSeFile(content) }) else { return }
        try insist(try DfuSeFile(file.bytes[...]), equals: file, "a DfuSe file read again")
    }

    /// The suffix's check value put right.
    private static func mendedSuffix(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= DFUSuffix.length else { return bytes }
        return bytes.dropLast(4) + LittleEndian.bytes(~CRC32.checksum(bytes.dropLast(4)))
    }

    /// The memory map that a DfuSe device has as the name of a setting, and the sectors of an image in it.
    static let dfuMemory = FuzzTarget(
        "dfu-memory", limit: 512,
        seeds: ["@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg", "@Option Bytes  /0x1FFFC000/01*016 e"]
            .map { Array($0.utf8) },
        words: ["/0x", "*", "Kg", "Mg", "Bg", " g", ",", "4294967295*1 g", "/0xFFFFFFFF/01*001Kg"]
    ) { bytes in
        guard let text = String(validating: bytes, as: UTF8.self), let memory = DfuSeMemory(text) else { return }
        for run in memory.runs {
            try insist(run.end <= 1 << 32 && run.end > UInt64(run.address), "a run beyond 4 GiB")
            let range = UInt64(run.address)..<min(run.end, UInt64(run.address) + 4 << 20)
            guard let sectors = memory.sectors(range) else { continue }
            try insist(sectors.first?.range.lowerBound ?? 0 <= range.lowerBound, "sectors that begin late")
            try insist(sectors.last?.range.upperBound ?? 0 >= range.upperBound, "sectors that end early")
            try insist(sectors.count <= 65536, "\(sectors.count) sectors for 4 MiB")
        }
    }
}

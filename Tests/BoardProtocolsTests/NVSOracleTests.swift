import BoardProtocols
import Foundation
import Testing

/// Espressif's own generator, from the Python environment named by `STATION_VENV`.
@Suite struct NVSOracleTests {
    static let python: String? = ProcessInfo.processInfo.environment["STATION_VENV"].flatMap { venv in
        let path = "\(venv)/bin/python"
        let module = Process()
        module.executableURL = URL(fileURLWithPath: path)
        module.arguments = ["-c", "import esp_idf_nvs_partition_gen"]
        module.standardError = FileHandle.nullDevice
        guard (try? module.run()) != nil else { return nil }
        module.waitUntilExit()
        return module.terminationStatus == 0 ? path : nil
    }

    /// Runs the generator over every `N.csv` of a folder in one process.
    private static let driver = """
        import sys, glob
        from esp_idf_nvs_partition_gen import nvs_partition_gen as generator
        folder, size = sys.argv[1:3]
        for path in glob.glob(folder + "/*.csv"):
            sys.argv = ["nvs", "generate", path, path[:-4] + ".bin", size]
            try:
                generator.main()
            except SystemExit as end:
                if end.code: raise
        """

    @Test(
        "partitions of any contents are the generator's, byte for byte, and read back as written",
        .enabled(if: python != nil, "needs STATION_VENV with esp-idf-nvs-partition-gen"), arguments: [11, 12, 13])
    func sameBytes(_ seed: UInt64) throws {
        let python = try #require(Self.python)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = Seeded(state: seed)
        var contents: [[NVSPartition.Namespace]] = []
        for number in 0..<30 {
            contents.append(Self.contents(&random))
            try Self.csv(contents[number]).write(
                to: folder.appendingPathComponent("\(number).csv"), atomically: true, encoding: .utf8)
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", Self.driver, folder.path, "0x8000"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)

        for (number, namespaces) in contents.enumerated() {
            let generated = try Data(contentsOf: folder.appendingPathComponent("\(number).bin"))
            let built = try NVSPartition.build(namespaces, size: 0x8000)
            let difference = zip(built, generated).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            #expect(difference == nil, "input \(number) of seed \(seed)")
            let entries = try NVSPartition(parsing: Array(generated)).entries
            #expect(
                entries
                    == namespaces.flatMap { namespace in
                        namespace.entries.map {
                            NVSPartition.Entry(namespace: namespace.name, key: $0.key, value: $0.value)
                        }
                    })
        }
    }

    private struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    /// Namespaces and values that together stay under the seven usable pages, some of them over page ends.
    private static func contents(_ random: inout Seeded) -> [NVSPartition.Namespace] {
        (0..<Int.random(in: 1...3, using: &random)).map { space in
            NVSPartition.Namespace(
                "space\(space)",
                (0..<Int.random(in: 1...20, using: &random)).map { entry in
                    ("key_\(entry)", value(&random))
                })
        }
    }

    private static func value(_ random: inout Seeded) -> NVSValue {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: .u8(.random(in: .min ... .max, using: &random))
        case 1: .i8(.random(in: .min ... .max, using: &random))
        case 2: .u16(.random(in: .min ... .max, using: &random))
        case 3: .i16(.random(in: .min ... .max, using: &random))
        case 4: .u32(.random(in: .min ... .max, using: &random))
        case 5: .i32(.random(in: .min ... .max, using: &random))
        case 6: .u64(.random(in: .min ... .max, using: &random))
        case 7: .i64(.random(in: .min ... .max, using: &random))
        case 8, 9:
            .string(
                String(
                    (0..<Int.random(in: 0...600, using: &random)).map { _ in
                        "aZ9,\"'é中".randomElement(using: &random) ?? "x"
                    }))
        default:
            .blob((0..<Int.random(in: 1...700, using: &random)).map { _ in .random(in: 0...255, using: &random) })
        }
    }

    private static func csv(_ namespaces: [NVSPartition.Namespace]) -> String {
        var text = "key,type,encoding,value\n"
        for namespace in namespaces {
            text += "\(namespace.name),namespace,,\n"
            for (key, value) in namespace.entries { text += "\(key),data,\(cell(value))\n" }
        }
        return text
    }

    private static func cell(_ value: NVSValue) -> String {
        switch value {
        case .u8(let number): "u8,\(number)"
        case .i8(let number): "i8,\(number)"
        case .u16(let number): "u16,\(number)"
        case .i16(let number): "i16,\(number)"
        case .u32(let number): "u32,\(number)"
        case .i32(let number): "i32,\(number)"
        case .u64(let number): "u64,\(number)"
        case .i64(let number): "i64,\(number)"
        case .string(let text): "string,\"\(text.replacingOccurrences(of: "\"", with: "\"\""))\""
        case .blob(let bytes): "hex2bin," + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
}

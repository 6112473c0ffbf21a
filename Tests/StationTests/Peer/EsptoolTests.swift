import Foundation
import Provisioning
import Testing

extension ExecutableTests.Demos {
    /// Espressif's own tools, from the Python environment that `STATION_VENV` names, on a board our station has flashed.
    @Suite("esptool reads what the station wrote")
    struct EsptoolTests {
        static let folder = ProcessInfo.processInfo.environment["STATION_VENV"].map { "\($0)/bin/" }
        static let isThere = folder.map { FileManager.default.isExecutableFile(atPath: $0 + "esptool") } ?? false

        @Test(
            "every region is the release's image, and the credential is the generator's partition, byte for byte",
            .enabled(
                if: isThere, "needs STATION_VENV, a Python environment with esptool and esp-idf-nvs-partition-gen"),
            .timeLimit(.minutes(4)))
        func regions() async throws {
            let tools = try #require(Self.folder)
            try await StationBed.with { bed in
                let (ends, _) = try await bed.serve { try await bed.conclusions(1) }
                try #require(ends.map(\.outcome) == ["pass"])
                // The board's flash, in a board that is strapped into its loader.
                let copy = bed.folder + "/copy.flash"
                try FileManager.default.copyItem(atPath: bed.flash(), toPath: copy)
                let ready = bed.folder + "/copy.json"
                let arguments = [
                    "simulate", "board", "--listen", "127.0.0.1:0", "--identity", "mac=\(bed.deviceName())", "--flash",
                    copy, "--download", "--ready-file", ready,
                ]
                let credential = try await Self.credential(bed, python: tools + "python")
                _ = try await Program.station.running(arguments, log: bed.folder + "/copy.log") {
                    let text = try await eventually("the board") { try? String(contentsOfFile: ready, encoding: .utf8) }
                    let port = try JSONValue(parsing: text)["port"].string ?? ""
                    for (offset, file) in [
                        (0x0, bed.firmware + "/bootloader.bin"), (0x8000, bed.firmware + "/partition-table.bin"),
                        (0x10000, bed.firmware + "/app.bin"), (0x110000, credential),
                    ] {
                        let expected = try bytes(of: file)
                        let read = bed.folder + "/read.bin"
                        let ended = try await Program(path: tools + "esptool").run([
                            "--chip", "esp32c3", "--port", port, "--before", "no-reset", "--after", "no-reset",
                            "read-flash", "\(offset)", "\(expected.count)", read,
                        ])
                        #expect(ended.isSuccess, "\(ended.output)\(ended.error)")
                        #expect(try bytes(of: read) == expected, "at \(offset)")
                    }
                }
            }
        }

        /// The credential partition as Espressif's generator makes it of the same key and secret; its file.
        private static func credential(_ bed: StationBed, python: String) async throws -> String {
            let (input, output) = (bed.folder + "/cred.csv", bed.folder + "/cred.bin")
            let lines = [
                "key,type,encoding,value", "cred,namespace,,", "product_key,data,string,\(bed.productKey)",
                "product_secret,data,string,\(bed.productSecret)",
            ]
            try (lines.joined(separator: "\n") + "\n").write(toFile: input, atomically: true, encoding: .utf8)
            let ended = try await Program(path: python).run([
                "-m", "esp_idf_nvs_partition_gen", "generate", input, output, "0x3000",
            ])
            guard ended.isSuccess else { throw TestTrouble("the generator: \(ended.output)\(ended.error)") }
            return output
        }
    }
}

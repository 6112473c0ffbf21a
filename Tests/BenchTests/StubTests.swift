import Bench
import BoardProtocols
import Foundation
import Locking
import Testing

@Suite struct StubTests {
    private static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    private static let json = """
        {"entry": 1077413584, "text": "\(Data(repeating: 1, count: 7000).base64EncodedString())",
        "text_start": 1077411840, "data": "AQID", "data_start": 1070164916, "bss_start": 1070088192}
        """

    @Test("a stub file gives pieces, entry and the SHA-256 of the file")
    func decode() throws {
        let stub = try EspressifStub(name: "esp32c3", json: Array(Self.json.utf8))
        #expect(stub.pieces.map(\.data.count) == [7000, 3])
        #expect(stub.pieces.map(\.address) == [1_077_411_840, 1_070_164_916])
        #expect(stub.entry == 1_077_413_584)
        #expect(stub.sha256 == Digest.hex(Digest.sha256(Array(Self.json.utf8))))
    }

    @Test("the SHA-256 and MD5 are the standard ones")
    func digests() {
        #expect(Digest.hex(Digest.md5(Array("abc".utf8))) == "900150983cd24fb0d6963f7d28e17f72")
        #expect(
            Digest.hex(Digest.sha256(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test(
        "Espressif's own stub files are read",
        .enabled(if: ProcessInfo.processInfo.environment["STATION_VENV"] != nil, "needs STATION_VENV with esptool"))
    func installed() throws {
        let venv = try #require(ProcessInfo.processInfo.environment["STATION_VENV"])
        let libraries = URL(fileURLWithPath: venv).appendingPathComponent("lib")
        let python = try #require(
            try FileManager.default.contentsOfDirectory(atPath: libraries.path).first { $0.hasPrefix("python3") })
        let folder = libraries.appendingPathComponent("\(python)/site-packages/esptool/targets/stub_flasher/2")
        for chip in EspressifChip.all {
            let stub = try #require(try EspressifStub(directory: folder.path, chip: chip))
            #expect(stub.pieces.allSatisfy { !$0.data.isEmpty })
        }
    }

    @Test("the stub is uploaded, its upload repeated when RAM did not take it, and its file's SHA-256 reported")
    func upload() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try Self.json.write(to: folder.appendingPathComponent("esp32c3.json"), atomically: true, encoding: .utf8)
        let chip = ScriptedChip()
        let refusals = Locked(2)
        let region = FlashRegion(name: "app", offset: 0, image: [UInt8](repeating: 3, count: 100))
        chip.set { state in
            state.digests[0] = Digest.md5(region.padded)
            state.override = { request, _ in
                guard request.command == .memoryData, request.block?.sequence == 1,
                    refusals.withLock({ count in
                        count -= 1; return count >= 0
                    })
                else { return nil }
                return ScriptedChip.refuse(request, .badChecksum)
            }
        }
        let server = try BoardServer { _ in chip.handler() }
        let connection = BoardConnection(
            slot: "1", port: try PortAddress("socket://127.0.0.1:\(server.port)"),
            options: .init(stubDirectory: folder.path))
        let report = try await connection.flash(try FlashPlan(regions: [region], skipMatching: false)) { _ in }
        #expect(
            report.method == .stub(name: "esp32c3", sha256: Digest.hex(Digest.sha256(Array(Self.json.utf8)))))
        await connection.close()
        server.stop()
    }

    @Test("a folder without the chip's stub means the ROM, a damaged file is an error")
    func missing() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try EspressifStub(directory: folder.path, chip: .esp32c3) == nil)
        try "{}".write(to: folder.appendingPathComponent("esp32c3.json"), atomically: true, encoding: .utf8)
        #expect { try EspressifStub(directory: folder.path, chip: .esp32c3) } throws: {
            ($0 as? LoaderError)?.kind == .stub
        }
    }
}

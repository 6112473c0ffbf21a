import BoardProtocols
import Foundation
import Simulation
import Subprocess
import Testing

/// A client written by others, from PyPI and unchanged, against the simulated SMP server.
@Suite("smpclient against the simulated SMP server")
struct SMPClientTests {
    static let python = ProcessInfo.processInfo.environment["STATION_VENV"].map { "\($0)/bin/python" }

    static func isThere() async -> Bool {
        guard let python, FileManager.default.isExecutableFile(atPath: python) else { return false }
        let result = try? await run(
            .name("env"), arguments: [python, "-c", "import smpclient"], output: .discarded, error: .discarded)
        return result?.terminationStatus.isSuccess == true
    }

    private static func see(_ bed: SMPBed, image: [UInt8], application: Bool) async throws -> NSDictionary {
        let file = bed.folder.appendingPathComponent("app.bin")
        try Data(image).write(to: file)
        let given: [String: Any] = ["port": bed.port, "image": file.path, "application": application]
        let input = String(decoding: try JSONSerialization.data(withJSONObject: given), as: UTF8.self)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Clients/smp_client.py").path
        let result = try await run(
            .name("env"), arguments: [python ?? "python3", script], input: .string(input),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let said = result.standardError
        #expect(result.terminationStatus.isSuccess, "\(said)")
        return try #require(
            try? JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8)) as? NSDictionary,
            "the client said no JSON: \(said)")
    }

    @Test(
        "echo, image list, an upload of 64 KiB and reset, in serial recovery and with a running application",
        .enabled("needs STATION_VENV with smpclient") { await isThere() }, .timeLimit(.minutes(5)),
        arguments: [false, true])
    func session(application: Bool) async throws {
        let flash = try SMPBed.flash()
        let image = SMPBed.image(65_536)
        let old = SMPBed.image(1000, seed: 2, version: .init(1, 0, 0))
        _ = flash.program(SMPBed.slots[0].offset, old)
        try await SMPBed.with(SMPBed.model(application ? .application : .recovery, flash)) { bed in
            let seen = try await Self.see(bed, image: image, application: application)
            let hash = seen["file_hash"] as? String
            #expect(seen["file_version"] as? String == "1.2.3-build0")
            #expect(seen["echo"] as? String == "Hello, 世界")
            let before = seen["before"] as? [NSDictionary] ?? []
            #expect(before.map { $0["version"] as? String } == ["1.0.0"])
            #expect(seen["uploaded"] as? Int == image.count)
            let after = seen["after"] as? [NSDictionary] ?? []
            #expect(after.last?["hash"] as? String == hash)
            #expect(after.last?["version"] as? String == "1.2.3")
            #expect(seen["reset"] as? Bool == true)
            if application {
                // The boot has exchanged the slots.
                #expect(flash.read(SMPBed.slots[0].offset, image.count) == image)
                #expect(flash.read(SMPBed.slots[1].offset, old.count) == old)
                #expect(seen["buf_size"] as? Int == 384)
                #expect(seen["os"] as? String == "Zephyr v4.1.0")
                #expect((seen["shell"] as? String)?.contains("ID: 0x0011223344556677") == true)
                #expect((seen["tested"] as? [NSDictionary])?.last?["pending"] as? Bool == true)
                let settings = ["missing", "written", "saved"].map { seen[$0] as? Bool }
                #expect(settings == [true, true, true])
                #expect(seen["read"] as? String == "0102")
                let booted = seen["booted"] as? [NSDictionary] ?? []
                #expect(booted.first?["hash"] as? String == hash)
                #expect(booted.first?["confirmed"] as? Bool == false)
            } else {
                #expect(flash.read(SMPBed.slots[0].offset, image.count) == image)
                #expect(flash.read(SMPBed.slots[0].offset + image.count, 4096).allSatisfy { $0 == 0xFF })
                #expect(seen["refused"] as? Int == 8)
            }
            let actions = await bed.host.actions
            #expect(actions == [application ? .restart : .run])
        }
    }
}

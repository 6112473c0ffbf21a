import BoardProtocols
import Foundation
import Simulation
import Testing

@testable import Bench

@Suite("SMP loader: what goes wrong", .timeLimit(.minutes(5)))
struct SMPLoaderFaultTests {
    @Test("an image that is damaged on its way into flash does not verify, whoever checks it")
    func corrupted() async throws {
        let region = SMPBed.region(SMPBed.image(10_000))
        // Serial recovery checks before it lists; an application only where it was built to check uploads.
        for mode in [SMPServerModel.Mode.recovery, .application] {
            var model = SMPBed.model(mode, try SMPBed.flash())
            model.checksUploads = mode == .application
            model.faults.corruptedByte = 5000
            try await SMPBed.with(model) { bed in
                let error = try await bed.withLoader { loader in
                    _ = try loader.write(region) { _ in }
                    return try SMPBed.failure { try loader.verify(region) { _ in } }
                }
                #expect(error.kind == .verifyMismatch)
                #expect(error.region == "app")
                try await bed.change { $0.faults.corruptedByte = nil }
                try await bed.withLoader { _ = try SMPBed.flash(region, with: $0) }
            }
        }
    }

    @Test("an application that does not check: MCUboot refuses the damaged image, and confirm tells")
    func corruptedAtBoot() async throws {
        let flash = try SMPBed.flash()
        _ = flash.program(SMPBed.slots[0].offset, SMPBed.image(2000, seed: 2, version: .init(1, 0, 0)))
        var model = SMPBed.model(.application, flash)
        model.faults.corruptedByte = 5000
        let region = SMPBed.region(SMPBed.image(10_000))
        try await SMPBed.with(model) { bed in
            let error = try await bed.withLoader { loader in
                _ = try SMPBed.flash(region, with: loader)
                try loader.finish()
                try loader.session.reset()
                return try SMPBed.failure { try loader.confirm(region) }
            }
            #expect(error.kind == .verifyMismatch)
        }
    }

    @Test("bad CRCs, lost answers, chatter and wrong offsets are overcome and told")
    func faults() async throws {
        let region = SMPBed.region(SMPBed.image(20_000))
        var model = SMPBed.model(.recovery, try SMPBed.flash())
        model.faults.chatter = Array("[00:00:01.000] <inf> mcuboot: busy\r\nuart:~$ ".utf8)
        model.faults.wrongOffsets = [0, 100]
        try await SMPBed.with(model) { bed in
            try await bed.withLoader { loader in
                let (resent, events) = try SMPBed.flash(region, with: loader)
                #expect(resent)
                #expect(events.contains { if case .retrying = $0 { true } else { false } })
                #expect(String(decoding: loader.session.console, as: UTF8.self).contains("mcuboot: busy"))
            }
            try await bed.change { $0.faults = SMPFaults() }
            let other = SMPBed.region(SMPBed.image(9000, seed: 5))
            try await bed.withLoader(timeout: .milliseconds(300)) { loader in
                var pieces = 0
                let resent = try loader.write(other) { event in
                    guard case .writing = event else { return }
                    pieces += 1
                    if pieces == 5 { bed.changeNow { $0.faults.badCRCs = 2 } }
                    if pieces == 9 { bed.changeNow { $0.faults.silences = 2 } }
                }
                #expect(resent && pieces > 9)
                bed.changeNow { $0.faults.badCRCs = 2 }
                try loader.verify(other) { _ in }
                bed.changeNow { $0.faults.badCRCs = 3 }
                let error = try SMPBed.failure { _ = try loader.holds(other) }
                #expect(error.kind == .noise && error.sentence.contains("crc"))
            }
        }
    }

    @Test("a server that knows only the first version of the protocol is spoken to in it")
    func firstVersion() async throws {
        var model = SMPBed.model(.recovery, try SMPBed.flash())
        model.knowsOnlyFirstVersion = true
        let region = SMPBed.region(SMPBed.image(3000))
        try await SMPBed.with(model) { bed in
            try await bed.withLoader(timeout: .milliseconds(300)) { loader in
                #expect(loader.session.version == 0)
                #expect(loader.method == .loader(name: "MCUboot serial recovery", version: "SMPv1"))
                _ = try SMPBed.flash(region, with: loader)
                let error = try SMPBed.failure { _ = try loader.session.runShell(["hwinfo", "devid"]) }
                #expect(error.received == "notsup (code 8)")
            }
        }
    }

    @Test("an answer lost at the very end of an upload does not fail it")
    func lostLastAnswer() async throws {
        let region = SMPBed.region(SMPBed.image(3000))
        let flash = try SMPBed.flash()
        try await SMPBed.with(SMPBed.model(.application, flash)) { bed in
            try await bed.withLoader(timeout: .milliseconds(300)) { loader in
                var isArmed = false
                let resent = try loader.write(region) { event in
                    guard case .writing(_, let sent, let total) = event, total - sent < 300, total > sent, !isArmed
                    else { return }
                    isArmed = true
                    bed.changeNow { $0.faults.silences = 1 }
                }
                #expect(isArmed && resent)
                try loader.verify(region) { _ in }
            }
        }
    }

    @Test("a first answer that takes its time is waited for, and one that never comes is an erase that failed")
    func slowErase() async throws {
        let region = SMPBed.region(SMPBed.image(3000))
        var model = SMPBed.model(.recovery, try SMPBed.flash())
        model.faults.firstAnswer = .milliseconds(900)
        try await SMPBed.with(model) { bed in
            try await bed.withLoader(timeout: .milliseconds(300)) { _ = try SMPBed.flash(region, with: $0) }
            let error = try await bed.withLoader(firstAnswer: .milliseconds(100)) { loader in
                try SMPBed.failure { _ = try loader.write(region) { _ in } }
            }
            #expect(error.kind == .eraseTimeout)
            #expect(error.region == "app")
        }
    }

    @Test("a server that always asks for the same offset is given up")
    func standstill() async throws {
        var model = SMPBed.model(.recovery, try SMPBed.flash())
        model.faults.wrongOffsets = [Int](repeating: 512, count: 1000)
        let region = SMPBed.region(SMPBed.image(9000))
        try await SMPBed.with(model) { bed in
            let error = try await bed.withLoader { loader in
                try SMPBed.failure { _ = try loader.write(region) { _ in } }
            }
            #expect(error.kind == .blockWrite)
            #expect(error.address == 512)
        }
    }

    @Test("refusals carry the server's reason")
    func refusals() async throws {
        let region = SMPBed.region(SMPBed.image(3000))
        var model = SMPBed.model(.application, try SMPBed.flash())
        model.faults.refusals = [.init(SMPGroup.image, SMPGroup.Image.upload): 10]
        try await SMPBed.with(model) { bed in
            let busy = try await bed.withLoader { loader in
                try SMPBed.failure { _ = try loader.write(region) { _ in } }
            }
            #expect(busy.kind == .protocolError && busy.received == "busy (code 10)")
            try await bed.change { $0.faults.refusals = [:] }
            let large = SMPBed.region(SMPBed.image(0x20000))
            let tooLarge = try await bed.withLoader { loader in
                try SMPBed.failure { _ = try loader.write(large) { _ in } }
            }
            #expect(tooLarge.kind == .flashChip)
            let twice = try await bed.withLoader { loader in
                _ = try loader.write(region) { _ in }
                return try SMPBed.failure { _ = try loader.write(SMPBed.region(region.image, name: "net")) { _ in } }
            }
            #expect(twice.kind == .protocolError && twice.sentence.contains("app and net"))
            let plain = try await bed.withLoader { loader in
                try SMPBed.failure { _ = try loader.holds(SMPBed.region([UInt8](repeating: 1, count: 4096))) }
            }
            #expect(plain.sentence.contains("imgtool"))
            let number = try await bed.withLoader(images: ["net": 3]) { loader in
                try SMPBed.failure { _ = try loader.write(SMPBed.region(region.image, name: "net")) { _ in } }
            }
            #expect(number.received == "invalid slot (code 14, group 1)")
        }
    }

    @Test(
        "a list without hashes verifies nothing, unless the server checked the upload itself", arguments: [false, true])
    func noHashes(checks: Bool) async throws {
        var model = SMPBed.model(.recovery, try SMPBed.flash())
        model.listsHashes = false
        model.checksUploads = checks
        let region = SMPBed.region(SMPBed.image(3000))
        try await SMPBed.with(model) { bed in
            try await bed.withLoader { loader in
                _ = try loader.write(region) { _ in }
                if checks {
                    try loader.verify(region) { _ in }
                } else {
                    let error = try SMPBed.failure { try loader.verify(region) { _ in } }
                    #expect(error.kind == .protocolError)
                    #expect(error.sentence.contains("BOOT_SERIAL_IMG_GRP_HASH"))
                }
            }
        }
    }

    @Test("a board that only prints text is named as one without SMP, and a silent one as silent")
    func noServer() async throws {
        struct Talker: WireModel {
            let text: String
            mutating func receive(_ input: [UInt8]) -> [WireAction] { text.isEmpty ? [] : [.send(Array(text.utf8))] }
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("smp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (text, part) in [("*** Booting Zephyr OS ***\r\n", "prints text"), ("", "no answer")] {
            let loop = PollLoop(name: "smp")
            defer { loop.shutdown() }
            let host = try WireHost(Talker(text: text), link: folder.appendingPathComponent("tty").path, loop: loop)
            await host.begin()
            let bed = SMPBed(host: host, folder: folder, loop: loop)
            let error = try await bed.onSlot { link in
                try SMPBed.failure { try SMPSession(link: link, timeout: .milliseconds(50)).connect(tries: 2) }
            }
            #expect(error.kind == .noResponse)
            #expect(error.sentence.contains(part))
            await host.close()
        }
    }
}

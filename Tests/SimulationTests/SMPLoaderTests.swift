import BoardProtocols
import Foundation
import Simulation
import Synchronization
import Testing

@testable import Bench

@Suite("SMP loader against the simulated server", .timeLimit(.minutes(5)))
struct SMPLoaderTests {
    /// Writes and verifies a region as the station does; returns whether something was sent again, and the events.
    private static func flash(
        _ region: FlashRegion, with loader: SMPLoader
    ) throws -> (resent: Bool, events: [FlashEvent]) {
        let events = Mutex<[FlashEvent]>([])
        func note(_ event: FlashEvent) { events.withLock { $0.append(event) } }
        _ = try loader.prepareFlash(end: 0)
        let resent = try loader.write(region, onEvent: note)
        try loader.verify(region, onEvent: note)
        return (resent, events.withLock { $0 })
    }

    private static func failure(_ body: () throws -> Void) throws -> LoaderError {
        try #require(throws: LoaderError.self) { try body() }
    }

    @Test("serial recovery: upload, verify, and holds afterwards; nothing but the slot is touched")
    func recovery() async throws {
        let flash = try SMPBed.flash()
        let region = SMPBed.region(SMPBed.image(30_001))
        try await SMPBed.with(SMPBed.model(.recovery, flash)) { bed in
            try await bed.withLoader { loader in
                #expect(loader.method == .loader(name: "MCUboot serial recovery", version: "SMPv2"))
                #expect(!loader.readsIdentity)
                let before = try loader.holds(region)
                #expect(!before)
                let (resent, events) = try Self.flash(region, with: loader)
                #expect(!resent)
                #expect(events.first == .erasing(region: "app", bytes: region.image.count))
                #expect(events.contains(.writing(region: "app", sent: region.image.count, total: region.image.count)))
                let after = try loader.holds(region)
                #expect(after)
                try loader.finish()
                try loader.session.reset()
                let error = try Self.failure { _ = try loader.readBoard() }
                #expect(error.kind == .protocolError)
            }
            #expect(flash.read(SMPBed.slots[0].offset, region.image.count) == region.image)
            #expect(flash.read(0, 0x10000).allSatisfy { $0 == 0xFF })
            #expect(flash.read(0x30000, 0x10000).allSatisfy { $0 == 0xFF })
            let actions = await bed.host.actions
            #expect(actions == [.run])
        }
    }

    @Test("application: upload to the spare slot, test mark, boot, confirm")
    func application() async throws {
        let flash = try SMPBed.flash()
        let old = SMPBed.image(2000, seed: 2, version: .init(1, 0, 0))
        let region = SMPBed.region(SMPBed.image(20_000))
        _ = flash.program(SMPBed.slots[0].offset, old)
        try await SMPBed.with(SMPBed.model(.application, flash)) { bed in
            try await bed.withLoader { loader in
                #expect(loader.method == .loader(name: "SMP server", version: "SMPv2, Zephyr v4.1.0"))
                #expect(loader.messageSize == 380)
                _ = try Self.flash(region, with: loader)
                let early = try Self.failure { try loader.confirm(region) }
                #expect(early.kind == .verifyMismatch)
                try loader.finish()
                try loader.finish()
                try loader.session.reset()
            }
            var server = try await bed.server()
            #expect(!server.isConfirmed)
            #expect(server.handled.count { $0 == .init(SMPGroup.image, SMPGroup.Image.state) } > 3)
            try await bed.withLoader { loader in
                let holds = try loader.holds(region)
                #expect(holds)
                try loader.confirm(region)
                try loader.confirm(region)
            }
            server = try await bed.server()
            #expect(server.isConfirmed)
            #expect(flash.read(SMPBed.slots[0].offset, region.image.count) == region.image)
        }
    }

    @Test("an image that was not confirmed is gone after the next boot, and confirm says so")
    func revert() async throws {
        let flash = try SMPBed.flash()
        let old = SMPBed.image(2000, seed: 2, version: .init(1, 0, 0))
        _ = flash.program(SMPBed.slots[0].offset, old)
        let region = SMPBed.region(SMPBed.image(5000))
        try await SMPBed.with(SMPBed.model(.application, flash)) { bed in
            let error = try await bed.withLoader { loader in
                _ = try Self.flash(region, with: loader)
                try loader.finish()
                try loader.session.reset()
                try loader.session.reset()
                return try Self.failure { try loader.confirm(region) }
            }
            #expect(error.kind == .verifyMismatch)
            #expect(error.sentence.contains("1.0.0"))
        }
    }

    @Test("a broken upload goes on where the server was", arguments: [SMPServerModel.Mode.application, .recovery])
    func resume(mode: SMPServerModel.Mode) async throws {
        let flash = try SMPBed.flash()
        let region = SMPBed.region(SMPBed.image(40_000))
        struct Cut: Error {}
        try await SMPBed.with(SMPBed.model(mode, flash)) { bed in
            // The link is closed under the loader after about half.
            let error = try await bed.onSlot { link in
                let loader = SMPLoader(session: SMPSession(link: link))
                try loader.connect()
                return try Self.failure {
                    _ = try loader.write(region) { event in
                        if case .writing(_, let sent, let total) = event, sent > total / 2 { link.close() }
                    }
                }
            }
            #expect(error.kind == .portLost)
            #expect(error.region == "app")
            let sent = try await bed.withLoader { loader in
                let (_, events) = try Self.flash(region, with: loader)
                return events.compactMap { event in
                    if case .writing(_, let sent, _) = event { return sent } else { return nil as Int? }
                }
            }
            let first = try #require(sent.first)
            // Serial recovery knows no resuming and begins anew.
            #expect(mode == .application ? first > region.image.count / 2 : first < 1000)
            let slot = SMPBed.slots[mode == .application ? 1 : 0]
            #expect(flash.read(slot.offset, region.image.count) == region.image)
        }
    }

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
                    return try Self.failure { try loader.verify(region) { _ in } }
                }
                #expect(error.kind == .verifyMismatch)
                #expect(error.region == "app")
                try await bed.change { $0.faults.corruptedByte = nil }
                try await bed.withLoader { _ = try Self.flash(region, with: $0) }
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
                _ = try Self.flash(region, with: loader)
                try loader.finish()
                try loader.session.reset()
                return try Self.failure { try loader.confirm(region) }
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
                let (resent, events) = try Self.flash(region, with: loader)
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
                let error = try Self.failure { _ = try loader.holds(other) }
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
                _ = try Self.flash(region, with: loader)
                let error = try Self.failure { _ = try loader.session.runShell(["hwinfo", "devid"]) }
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
            try await bed.withLoader(timeout: .milliseconds(300)) { _ = try Self.flash(region, with: $0) }
            let error = try await bed.withLoader(firstAnswer: .milliseconds(100)) { loader in
                try Self.failure { _ = try loader.write(region) { _ in } }
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
                try Self.failure { _ = try loader.write(region) { _ in } }
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
                try Self.failure { _ = try loader.write(region) { _ in } }
            }
            #expect(busy.kind == .protocolError && busy.received == "busy (code 10)")
            try await bed.change { $0.faults.refusals = [:] }
            let large = SMPBed.region(SMPBed.image(0x20000))
            let tooLarge = try await bed.withLoader { loader in
                try Self.failure { _ = try loader.write(large) { _ in } }
            }
            #expect(tooLarge.kind == .flashChip)
            let twice = try await bed.withLoader { loader in
                _ = try loader.write(region) { _ in }
                return try Self.failure { _ = try loader.write(SMPBed.region(region.image, name: "net")) { _ in } }
            }
            #expect(twice.kind == .protocolError && twice.sentence.contains("app and net"))
            let plain = try await bed.withLoader { loader in
                try Self.failure { _ = try loader.holds(SMPBed.region([UInt8](repeating: 1, count: 4096))) }
            }
            #expect(plain.sentence.contains("imgtool"))
            let number = try await bed.withLoader(images: ["net": 3]) { loader in
                try Self.failure { _ = try loader.write(SMPBed.region(region.image, name: "net")) { _ in } }
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
                    let error = try Self.failure { try loader.verify(region) { _ in } }
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
                try Self.failure { try SMPSession(link: link, timeout: .milliseconds(50)).connect(tries: 2) }
            }
            #expect(error.kind == .noResponse)
            #expect(error.sentence.contains(part))
            await host.close()
        }
    }
}

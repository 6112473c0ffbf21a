import BoardProtocols
import Foundation
import Simulation
import Testing

@testable import Bench

@Suite("SMP loader against the simulated server", .timeLimit(.minutes(5)))
struct SMPLoaderTests {
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
                let (resent, events) = try SMPBed.flash(region, with: loader)
                #expect(!resent)
                #expect(events.first == .erasing(region: "app", bytes: region.image.count))
                #expect(events.contains(.writing(region: "app", sent: region.image.count, total: region.image.count)))
                let after = try loader.holds(region)
                #expect(after)
                try loader.finish()
                try loader.session.reset()
                let error = try SMPBed.failure { _ = try loader.readBoard() }
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
                _ = try SMPBed.flash(region, with: loader)
                let early = try SMPBed.failure { try loader.confirm(region) }
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
                _ = try SMPBed.flash(region, with: loader)
                try loader.finish()
                try loader.session.reset()
                try loader.session.reset()
                return try SMPBed.failure { try loader.confirm(region) }
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
                return try SMPBed.failure {
                    _ = try loader.write(region) { event in
                        if case .writing(_, let sent, let total) = event, sent > total / 2 { link.close() }
                    }
                }
            }
            #expect(error.kind == .portLost)
            #expect(error.region == "app")
            let sent = try await bed.withLoader { loader in
                let (_, events) = try SMPBed.flash(region, with: loader)
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
}

import BoardProtocols
import Foundation
import Simulation
import Testing

@testable import Bench

@Suite("SMP: a board unplugged while it is written", .timeLimit(.minutes(5)))
struct SMPUnplugTests {
    /// Where this process's descriptors lead.
    private static var descriptors: [String] {
        let folder = "/proc/self/fd"
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return numbers.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") }
    }

    private static var masters: Int { descriptors.count { $0.hasSuffix("/ptmx") } }

    @Test("unplugged at 50 random moments: the port is lost each time, nothing stays open, and the next session works")
    func unplug() async throws {
        let region = SMPBed.region(SMPBed.image(20_000))
        let flash = try SMPBed.flash()
        let before = Self.masters
        for round in 0..<50 {
            let terminal = try await SMPBed.with(SMPBed.model(.application, flash)) { bed in
                let terminal = try FileManager.default.destinationOfSymbolicLink(atPath: bed.port)
                let host = bed.host
                let last = Int.random(in: 0...60)
                let error = try await bed.onSlot { link in
                    let loader = SMPLoader(session: SMPSession(link: link))
                    try loader.connect()
                    var pieces = 0
                    return try #require(throws: LoaderError.self) {
                        // The pieces go on until the port is gone, however late the plug is pulled.
                        while true {
                            _ = try loader.write(region) { _ in
                                if pieces == last { Task { await host.close() } }
                                pieces += 1
                            }
                        }
                    }
                }
                #expect(error.kind == .portLost, "round \(round): \(error)")
                return terminal
            }
            // A client's descriptor that was left open shows its terminal as deleted.
            #expect(!Self.descriptors.contains("\(terminal) (deleted)"), "round \(round)")
        }
        // Other suites open terminals meanwhile, but not one a round.
        #expect(Self.masters - before < 25)
        try await SMPBed.with(SMPBed.model(.application, flash)) { bed in
            try await bed.withLoader { loader in
                _ = try loader.write(region) { _ in }
                try loader.verify(region) { _ in }
            }
        }
        #expect(flash.read(SMPBed.slots[1].offset, region.image.count) == region.image)
    }
}

import Foundation
import Provisioning
import Testing

@testable import station

extension ExecutableTests.Lines {
    @Suite("why a board's registration is refused")
    struct DiagnosisTests {
        @Test(
            "a board that lost its DeviceSecret after it was active: AC-104, and a reset heals it",
            .timeLimit(.minutes(3)))
        func lostSecret() async throws {
            try await StationBed.with(.fixture(boards: 1)) { bed in
                let (_, status) = try await bed.serve {
                    let hand = try FixtureClient(bed.control)
                    try await pass(bed, hand, place: 1)
                    try Data(repeating: 0xFF, count: 0x6000).write(to: bed.flash(), at: 0x9000)
                    try await bed.station("unit", "reflash", bed.deviceName(), "--reason", "test")
                    try await hand.place(1)
                    #expect(try await bed.conclusions(2).last == .init(run: 2, outcome: "held", code: "AC-104"))
                    try await takeAway(hand)
                    try await bed.station("unit", "reset", bed.deviceName(), "--reason", "lost its secret")
                    try await hand.place(1)
                    #expect(try await bed.conclusions(3).last == .init(run: 3, outcome: "pass", code: nil))
                }
                #expect(status == 0)
                #expect(try await bed.devices().count == 1)
            }
        }

        @Test("a device that was disabled is told apart before anything is registered", .timeLimit(.minutes(3)))
        func disabled() async throws {
            try await StationBed.with(.fixture(boards: 1)) { bed in
                _ = try await bed.serve {
                    let hand = try FixtureClient(bed.control)
                    try await pass(bed, hand, place: 1)
                    try await bed.station("unit", "disable", bed.deviceName(), "--reason", "test")
                    try await bed.station("unit", "reflash", bed.deviceName(), "--reason", "test")
                    try await hand.place(1)
                    #expect(try await bed.conclusions(2).last?.code == "AC-103")
                }
            }
        }

        private func pass(_ bed: StationBed, _ hand: FixtureClient, place: Int) async throws {
            try await hand.place(place)
            #expect(try await bed.conclusions(1).last?.outcome == "pass")
            try await takeAway(hand)
        }

        /// A slot takes its next board only after the last one has been away for a second.
        private func takeAway(_ hand: FixtureClient) async throws {
            try await hand.remove()
            let removed = ContinuousClock.now
            try await eventually("an empty slot") { .now - removed > .seconds(3) ? true : nil }
        }
    }
}

extension Data {
    /// Overwrites a part of a file.
    fileprivate func write(to file: String, at offset: UInt64) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: self)
        try handle.close()
    }
}

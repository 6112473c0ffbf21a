import Foundation
import Provisioning
import Simulation
import Testing

extension ExecutableTests.Lines {
    @Suite("serve killed in the middle of a step")
    struct CutTests {
        /// Places at which a debug build of the station ends itself with SIGKILL, in the order of a board's way.
        static let places = [
            "identify", "claim.before", "claim.after", "register.before", "register.after", "erase.before", "write.app",
            "verify.app", "verify.after", "boot.before", "boot.after", "activate.before", "activate.after",
        ]

        #if DEBUG
            static let placesExist = true
        #else
            static let placesExist = false
        #endif

        @Test(
            "the same board passes after a restart: one claim, one device, its DeviceSecret kept, the first run interrupted",
            .enabled(if: placesExist, "release builds have no places to be cut at"), .timeLimit(.minutes(4)),
            arguments: places)
        func cut(at place: String) async throws {
            try await StationBed.with { bed in
                let killed = try await bed.serveUntilCut(at: place)
                try #require(killed.signal == SIGKILL, "\(killed.status): \(killed.error.suffix(1000))")
                // Once it runs its firmware the board goes on without the station.
                let isRunning = ["boot.after", "activate.before", "activate.after"].contains(place)
                if isRunning {
                    try await eventually("the board online") { try await bed.devices().first { $0.status == "ONLINE" } }
                }
                let kept = try bed.nvs()
                #expect(kept.contains { $0 != 0xFF } == isRunning)
                let before = try await bed.records()
                #expect(before.conclusions.isEmpty)

                let (ends, status) = try await bed.serve { try await bed.conclusions(2) }
                #expect(status == 0)
                #expect(
                    ends == [
                        .init(run: 1, outcome: "interrupted", code: "ST-105"),
                        .init(run: 2, outcome: "pass", code: nil),
                    ])
                let records = try await bed.records()
                #expect(records.firstClaims.count == 1)
                #expect(records.firstClaims.first?.body["device_name"].string == bed.deviceName())
                #expect(records.intentsBeforeTheirClaim.isEmpty)
                #expect(records.isChained)
                #expect(try await verifies(bed.data))
                let devices = try await bed.devices()
                #expect(devices.count == 1 && devices.first?.activated != nil)
                if isRunning { #expect(try bed.nvs() == kept, "the DeviceSecret changed") }
                let shown = try await bed.station("order", "show", bed.order)
                #expect(shown.contains("1 of 9"), "\(shown)")
                #expect(shown.contains("\(bed.deviceName())  passed"), "\(shown)")
            }
        }
    }
}

import Foundation
import Provisioning
import Simulation
import Testing

extension ExecutableTests.Demos {
    @Suite("the demo with every shipped profile")
    struct DemoBoardTests {
        /// Boards on USB need a bus of umockdev's and the program that serves it.
        static let usbProgram = Program.station.path.replacing("/station", with: "/usb-board")
        static let hasUSB =
            FileManager.default.isExecutableFile(atPath: "/usr/bin/umockdev-wrapper")
            && FileManager.default.isExecutableFile(atPath: usbProgram)
        static let stubs = ProcessInfo.processInfo.environment["STATION_STUB_DIRECTORY"]
        static let python = ProcessInfo.processInfo.environment["STATION_VENV"]

        @Test(
            "its boards are identified, written, given their credential, booted and proved",
            .timeLimit(.minutes(3)),
            arguments: [
                "esp32", "esp32c3", "esp32c3-imei", "esp32c3-sn", "esp32s3", "stm32-uart", "nrf-smp", "esp-at",
                "lte-cat1",
            ])
        func passes(_ profile: String) async throws {
            try await Self.check(["--board", profile, "--boards", "3", "--slots", "2"], boards: 3)
        }

        @Test(
            "an ESP8266 is written through the stub", .timeLimit(.minutes(3)),
            .enabled(if: stubs != nil, "STATION_STUB_DIRECTORY names no folder of loader stubs"))
        func esp8266() async throws {
            try await Self.check(["--board", "esp8266", "--boards", "3", "--slots", "2"], boards: 3)
        }

        @Test(
            "a board is written by esptool as an external flasher", .timeLimit(.minutes(3)),
            .enabled(if: python != nil, "STATION_VENV names no Python environment with esptool"))
        func external() async throws {
            try await Self.check(["--board", "at-external", "--boards", "3", "--slots", "2"], boards: 3)
        }

        @Test(
            "a board on USB is written by DfuSe", .timeLimit(.minutes(3)),
            .enabled(if: hasUSB, "umockdev is not installed, or usb-board is not built (STATION_USB_BOARD=1)"))
        func usb() async throws {
            try await Self.check(["--board", "stm32-dfu", "--boards", "4", "--slots", "2"], boards: 4)
        }

        @Test("kinds of boards may stand side by side on one fixture", .timeLimit(.minutes(3)))
        func mixed() async throws {
            try await Self.check(
                ["--board", "esp32c3,stm32-uart,esp-at,lte-cat1", "--boards", "8", "--slots", "4"], boards: 8)
        }

        @Test(
            "a board that cannot join, or that keeps the line's network, does not pass",
            .timeLimit(.minutes(3)), arguments: ["esp32", "stm32-uart"])
        func network(_ profile: String) async throws {
            try await DemoRun.with(
                ["--board", profile, "--boards", "4", "--slots", "2", "--faults", "no-join,keeps-network"]
            ) { demo in
                #expect(demo.ended.code == 0, "\(demo.ended.error.suffix(1000))")
                #expect(demo.report["passed"].int == 2)
            }
        }

        @Test(
            "a board that is swapped after it was identified gets nothing written",
            .timeLimit(.minutes(3)), arguments: ["stm32-uart", "esp32s3"])
        func swapped(_ profile: String) async throws {
            try await DemoRun.with(
                ["--board", profile, "--boards", "3", "--slots", "1", "--faults", "wrong-board-after-identify"]
            ) { demo in
                #expect(demo.ended.code == 0, "\(demo.ended.error.suffix(1000))")
                let swappedIn = try demo.swappedInBoards()
                #expect(try !swappedIn.isEmpty && !swappedIn.contains(where: demo.isWritten))
            }
        }

        private static func check(_ arguments: [String], boards: Int) async throws {
            try await DemoRun.with(arguments) { demo in
                #expect(demo.ended.code == 0, "\(demo.ended.error.suffix(1000))")
                #expect(demo.report["passed"].int == Int64(boards))
                let records = try await demo.records()
                #expect(records.isChained && records.intentsBeforeTheirClaim.isEmpty)
                #expect(records.all("leak.alarmed").isEmpty)
                #expect(try await verifies(demo.station))
            }
        }
    }
}

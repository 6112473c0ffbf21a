import Foundation
import Testing

extension ExecutableTests {
    /// The station's USB against the simulated boards of `usb-board`, as the program `usb-check` and as `dfu-util` see them.
    ///
    /// Both run as children under `umockdev-wrapper`, which redirects /sys and /dev for a process from its start.
    @Suite(
        "boards on a simulated USB",
        .enabled(if: installed("umockdev-wrapper") != nil, "umockdev is not installed"),
        .enabled(if: built("usb-board") != nil, "usb-board is not built: STATION_USB_BOARD=1"))
    struct USBTests {
        /// What `usb-check` checks, by its names.
        static let sections = ["dialects", "unplug", "moves", "eight", "errors", "power"]

        @Test(
            "every check of a section holds",
            .enabled(if: built("usb-check") != nil, "usb-check is not built: STATION_USB_BOARD=1"),
            .timeLimit(.minutes(4)), arguments: sections)
        func check(section: String) async throws {
            let wrapper = try #require(installed("umockdev-wrapper"))
            let (board, check) = (try #require(built("usb-board")), try #require(built("usb-check")))
            try await withTemporaryFolder { folder in
                let ended = try await Program(path: wrapper).run(
                    [board, "--control", folder + "/ctl", "--", check, section], environment: ["TMPDIR": folder],
                    within: .seconds(200))
                let failed = ended.output.split(separator: "\n").filter { $0.hasPrefix("FAIL") }
                #expect(ended.code == 0, "\(failed.joined(separator: "\n"))\n\(ended.error)")
                #expect(ended.output.contains("ok    "), "it checked something")
            }
        }

        @Test(
            "dfu-util lists, writes and reads both dialects",
            .enabled(if: installed("dfu-util") != nil, "dfu-util is not installed"), .timeLimit(.minutes(2)))
        func foreignTool() async throws {
            let board = try #require(built("usb-board"))
            let script = URL(fileURLWithPath: #filePath)
                .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("usb/dfu-util.sh").path
            try await withTemporaryFolder { folder in
                let ended = try await Program(path: "/bin/sh").run([script, board], environment: ["TMPDIR": folder])
                #expect(ended.code == 0, "\(ended.output)\(ended.error)")
            }
        }

        /// A program in `PATH`; nil where there is none.
        private static func installed(_ name: String) -> String? {
            (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
                .first { FileManager.default.isExecutableFile(atPath: $0) }
        }

        /// A program that the build left beside the station; nil where it is not built.
        private static func built(_ name: String) -> String? {
            let path = URL(fileURLWithPath: Program.station.path).deletingLastPathComponent()
                .appendingPathComponent(name).path
            return FileManager.default.isExecutableFile(atPath: path) ? path : nil
        }
    }
}

import Foundation
import Testing

extension ExecutableTests.Demos {
    /// The station's USB against the simulated boards of `usb-board`, as the program `usb-check` and as `dfu-util` see them.
    ///
    /// Both run as children under `umockdev-wrapper`, which redirects /sys and /dev for a process from its start.
    @Suite(
        "boards on a simulated USB",
        .enabled(if: Program.installed("umockdev-wrapper") != nil, "umockdev is not installed"),
        .enabled(if: Program.built("usb-board") != nil, "usb-board is not built: STATION_USB_BOARD=1"))
    struct USBTests {
        /// What `usb-check` checks, by its names.
        static let sections = ["dialects", "unplug", "moves", "eight", "errors", "power"]

        @Test(
            "every check of a section holds",
            .enabled(if: Program.built("usb-check") != nil, "usb-check is not built: STATION_USB_BOARD=1"),
            .timeLimit(.minutes(4)), arguments: sections)
        func check(section: String) async throws {
            let wrapper = try #require(Program.installed("umockdev-wrapper"))
            let board = try #require(Program.built("usb-board"))
            let check = try #require(Program.built("usb-check"))
            try await withTemporaryFolder { folder in
                let ended = try await wrapper.run(
                    [board.path, "--control", folder + "/ctl", "--", check.path, section],
                    environment: ["TMPDIR": folder], within: .seconds(200))
                let failed = ended.output.split(separator: "\n").filter { $0.hasPrefix("FAIL") }
                #expect(ended.code == 0, "\(failed.joined(separator: "\n"))\n\(ended.error)")
                #expect(ended.output.contains("ok    "), "it checked something")
            }
        }

        @Test(
            "dfu-util lists, writes and reads both dialects",
            .enabled(if: Program.installed("dfu-util") != nil, "dfu-util is not installed"), .timeLimit(.minutes(3)))
        func foreignTool() async throws {
            let board = try #require(Program.built("usb-board"))
            let script = URL(fileURLWithPath: #filePath)
                .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("usb/dfu-util.sh").path
            try await withTemporaryFolder { folder in
                let ended = try await Program(path: "/bin/sh").run(
                    [script, board.path], environment: ["TMPDIR": folder])
                #expect(ended.code == 0, "\(ended.output)\(ended.error)")
            }
        }
    }
}

extension Program {
    /// A program in `PATH`; nil where there is none.
    fileprivate static func installed(_ name: String) -> Program? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }.map { Program(path: $0) }
    }

    /// A program that the build left beside the station; nil where it is not built.
    fileprivate static func built(_ name: String) -> Program? {
        let path = URL(fileURLWithPath: station.path).deletingLastPathComponent().appendingPathComponent(name).path
        return FileManager.default.isExecutableFile(atPath: path) ? Program(path: path) : nil
    }
}

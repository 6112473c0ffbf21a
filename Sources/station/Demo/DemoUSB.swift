import Foundation
import Glibc
import Simulation

/// Simulated boards on USB need a bus: the demo starts itself again under `umockdev-wrapper usb-board`, which redirects
/// /sys and /dev for this process and its children.
enum DemoUSB {
    /// Why the demo cannot start itself again.
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// Whether this process runs under `usb-board`.
    static var isThere: Bool { getenv("STATION_USB_CONTROL") != nil }

    /// Replaces this process by itself under `usb-board`; returns only by an error.
    /// - Parameter commands: what `usb-board` does first.
    /// - Throws: ``Missing``, with what to install or build.
    static func startAgain(_ commands: [String] = []) throws -> Never {
        guard let wrapper = find("umockdev-wrapper") else {
            throw Missing(
                description: "boards on USB are simulated by umockdev, which is not installed: apt-get install umockdev"
            )
        }
        guard let station = StationHome.executablePath() else {
            throw Missing(description: "this program's file is gone")
        }
        let board =
            ProcessInfo.processInfo.environment["STATION_USB_BOARD_PROGRAM"]
            ?? URL(fileURLWithPath: station).deletingLastPathComponent().path + "/usb-board"
        guard access(board, X_OK) == 0 else {
            throw Missing(
                description: "\(board) is not there: STATION_USB_BOARD=1 swift build --product usb-board (it needs the "
                    + "packages libumockdev-dev and libglib2.0-dev; demo.sh and test.sh do it)")
        }
        let socket = FileManager.default.temporaryDirectory.path + "/usb-board-\(getpid()).sock"
        let words =
            [wrapper, board, "--control", socket] + commands.flatMap { ["--do", $0] } + ["--", station]
            + CommandLine.arguments.dropFirst()
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        execv(wrapper, &pointers)
        throw Missing(description: "\(wrapper) cannot be started: \(String(cString: strerror(errno)))")
    }

    private static func find(_ program: String) -> String? {
        (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").map { "\($0)/\(program)" }
            .first { access($0, X_OK) == 0 }
    }
}

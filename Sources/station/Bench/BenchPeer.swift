import Foundation
import Simulation
import Subprocess
import SystemPackage

/// Somebody else's flasher as a yardstick: Espressif's esptool, or dfu-util; found, and run as a user would run it.
struct BenchPeer: Sendable {
    let path: String
    let family: SimulatedFamily

    /// `bin/NAME` of STATION_VENV, else NAME in PATH; nil where there is none.
    static func find(
        _ name: String, family: SimulatedFamily,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> BenchPeer? {
        let venv = environment["STATION_VENV"].map { ["\($0)/bin"] } ?? []
        let folders = venv + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
            .map { BenchPeer(path: $0, family: family) }
    }

    var name: String { URL(fileURLWithPath: path).lastPathComponent }

    /// Why a run does not count.
    struct ToolError: Error, CustomStringConvertible {
        let description: String
    }

    /// How long the program needs to start, and which one it is.
    func version() async throws -> (duration: Duration, version: String) {
        let (duration, text) = try await call([family.isOnUSB ? "--version" : "version"])
        let lines = text.split(separator: "\n")
        return (duration, (family.isOnUSB ? lines.first : lines.last).map(String.init) ?? "?")
    }

    /// Writes and verifies a file, the board being in its loader.
    /// - Parameter reset: brings the board into its loader again, between two programs on USB; its time does not count.
    func write(
        _ file: String, address: UInt32, size: Int, port: String, baud: Int, reset: () async throws -> Void
    ) async throws -> Duration {
        let place = "0x" + String(address, radix: 16)
        if family.isOnUSB {
            // dfu-util does not verify: reading back is how its users do.
            let (writing, _) = try await call(["-p", "1-1", "-a", "0", "-s", place, "-D", file])
            let back = file + ".back"
            try? FileManager.default.removeItem(atPath: back)
            try await reset()
            let (reading, _) = try await call(["-p", "1-1", "-a", "0", "-s", "\(place):\(size)", "-U", back])
            guard FileManager.default.contentsEqual(atPath: file, andPath: back) else {
                throw ToolError(description: "dfu-util read back other bytes than it wrote")
            }
            return writing + reading
        }
        let (duration, text) = try await call([
            "--chip", family.rawValue, "--port", port, "--baud", String(baud), "--before", "no-reset", "--after",
            "no-reset", "write-flash", place, file,
        ])
        guard text.contains("Hash of data verified") else {
            throw ToolError(description: "esptool did not verify what it wrote: \(text.suffix(300))")
        }
        return duration
    }

    private func call(_ arguments: [String]) async throws -> (Duration, String) {
        let start = ContinuousClock.now
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        let duration = ContinuousClock.now - start
        let text = result.standardOutput + result.standardError
        guard result.terminationStatus.isSuccess else {
            throw ToolError(description: "\(name) \(arguments.joined(separator: " ")) failed: \(text.suffix(500))")
        }
        return (duration, text)
    }
}

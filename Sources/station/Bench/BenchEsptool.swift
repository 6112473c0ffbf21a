import Foundation
import Subprocess
import SystemPackage

/// Espressif's own flasher, as a yardstick: found, and run as a user would run it.
struct BenchEsptool: Sendable {
    let path: String

    /// `bin/esptool` of STATION_VENV, else `esptool` in PATH; nil where there is none.
    static func find(environment: [String: String] = ProcessInfo.processInfo.environment) -> BenchEsptool? {
        let venv = environment["STATION_VENV"].map { ["\($0)/bin"] } ?? []
        let folders = venv + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return folders.map { "\($0)/esptool" }.first { FileManager.default.isExecutableFile(atPath: $0) }
            .map(BenchEsptool.init)
    }

    /// Why a run does not count.
    struct ToolError: Error, CustomStringConvertible {
        let description: String
    }

    /// `esptool version`: how long the program needs to start, and which one it is.
    func version() async throws -> (duration: Duration, version: String) {
        let (duration, text) = try await call(["version"])
        return (duration, text.split(separator: "\n").last.map(String.init) ?? "?")
    }

    /// Writes and verifies a file with the stub, the board being in its loader.
    func write(_ file: String, offset: UInt32, port: String, baud: Int) async throws -> Duration {
        let (duration, text) = try await call([
            "--chip", "esp32c3", "--port", port, "--baud", String(baud), "--before", "no-reset", "--after", "no-reset",
            "write-flash", "0x" + String(offset, radix: 16), file,
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
            throw ToolError(description: "esptool \(arguments.joined(separator: " ")) failed: \(text.suffix(500))")
        }
        return (duration, text)
    }
}

import Foundation
import Testing

/// Espressif's own flasher, of the Python environment that STATION_VENV names.
enum Esptool {
    static let path = ProcessInfo.processInfo.environment["STATION_VENV"].map { "\($0)/bin/esptool" }
    static let isThere = path.map { FileManager.default.isExecutableFile(atPath: $0) } ?? false

    /// Runs esptool on a board in its loader and returns what it printed; records an issue where it did not end well.
    static func run(_ port: String, _ arguments: [String]) async throws -> String {
        let options = ["--port", port, "--before", "no-reset", "--after", "no-reset"] + arguments
        let path = path ?? "esptool"
        let (text, status) = try await onThread {
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = options
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            return (text, process.terminationStatus)
        }
        #expect(status == 0, "\(text)")
        return text
    }
}

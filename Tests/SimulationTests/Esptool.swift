import Foundation

/// Espressif's own flasher, of the Python environment that STATION_VENV names.
enum Esptool {
    static let path = ProcessInfo.processInfo.environment["STATION_VENV"].map { "\($0)/bin/esptool" }
    static let isThere = path.map { FileManager.default.isExecutableFile(atPath: $0) } ?? false

    /// Runs esptool on a board in its loader and returns what it printed; records an issue where it did not end well.
    static func run(_ port: String, _ arguments: [String]) async throws -> String {
        try await runTool(
            path ?? "esptool", ["--port", port, "--before", "no-reset", "--after", "no-reset"] + arguments)
    }
}

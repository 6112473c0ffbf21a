import Foundation
import Testing

/// Runs somebody else's program and returns what it printed; records an issue where it did not end well.
func runTool(_ path: String, _ arguments: [String]) async throws -> String {
    let (text, status) = try await onThread {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
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

import Foundation
import NIOHTTP1
import NIOPosix
import Provisioning
import Testing

@testable import Operator

/// A stranger's reading of the API's description: schemathesis makes requests of it, right and wrong ones.
@Suite("schemathesis against the served description", .timeLimit(.minutes(10)))
struct SchemathesisTests {
    private static let program = ProcessInfo.processInfo.environment["STATION_VENV"]
        .map { "\($0)-page/bin/schemathesis" }
    private static let isThere = program.map { FileManager.default.isExecutableFile(atPath: $0) } ?? false

    /// What would be found for the way it signs in: cookie and token are added to every request, also to those that are
    /// meant to lack them.
    private static let exceptions = "negative_data_rejection,positive_data_acceptance,ignored_auth"

    @Test(
        "no answer is a server error, none differs from its description",
        .enabled(if: isThere, "needs STATION_VENV, beside which an environment -page has schemathesis"))
    func conformance() async throws {
        // A clock that runs twenty times as fast lets as many more requests through the limit.
        try await OperatorBed.with(configuration: OperatorConfiguration(port: 0, idleMinutes: 480), pace: 20) { bed in
            let engineer = try await bed.start()
            let order = try await bed.order()
            _ = try await bed.board("6055F9000000", in: order, .fail, .notReady)
            _ = try await bed.board("6055F9000010", in: order, .pass)
            let settings = bed.folder + "/schemathesis.toml"
            try """
            [parameters]
            "path.name" = "6055F9000000"
            """.write(toFile: settings, atomically: true, encoding: .utf8)
            let arguments = [
                "--config-file", settings, "run", bed.url + "/api/v1/openapi.json", "-H", "Cookie: \(engineer.cookie)",
                "-H", "X-CSRF-Token: \(engineer.csrf)", "--exclude-path", "/api/v1/events",
                "--exclude-operation-id", "delete-session", "--exclude-checks", Self.exceptions, "--max-examples", "10",
                "--phases", "examples,coverage,fuzzing", "--seed", "5", "--no-color",
            ]
            let (text, status) = try await NIOThreadPool.singleton.runIfActive {
                try Self.run(Self.program ?? "schemathesis", arguments, in: bed.folder)
            }
            #expect(status == 0, "\(text.suffix(12_000))")
        }
    }

    private static func run(_ program: String, _ arguments: [String], in folder: String) throws -> (String, Int32) {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (text, process.terminationStatus)
    }
}

import Foundation
import Testing

@testable import station

@Suite("A companion process")
struct CompanionTests {
    @Test("leaves no file open behind it, however often it is started anew")
    func files() async throws {
        try await withTemporaryFolder { folder in
            let log = folder + "/companion.log"
            for number in 1...3 {
                let ready = folder + "/ready-\(number)"
                let companion = Companion(
                    program: "/bin/sh", arguments: ["-c", "echo started; : >\"$0\"; exec sleep 60", ready], input: "",
                    logFile: log, readyFile: ready)
                try await companion.run {}
            }
            #expect(try String(contentsOfFile: log, encoding: .utf8) == "started\nstarted\nstarted\n")
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)) == log
            }
            #expect(open.isEmpty, "\(open.count) descriptors of the log are open")
        }
    }
}

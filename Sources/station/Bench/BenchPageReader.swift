import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore

/// `station bench page-reader`: reads the event stream of a page many times at once, as browsers do; for `bench page`.
struct BenchPageReader: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "page-reader", abstract: "Reads a page's events many times at once.", shouldDisplay: false)

    @Argument(help: "The page's address.") var address: String
    @Option(help: "Readers.") var count = 1
    @Option(help: "Appears when every reader has begun.") var readyFile: String

    func run() async throws {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        let response = try await client.execute(
                            HTTPClientRequest(url: address + "api/v1/events"), deadline: .distantFuture)
                        var isFirst = true
                        for try await _ in response.body {
                            if isFirst { begin.yield() }
                            isFirst = false
                        }
                    }
                }
                var waiting = count
                for await _ in begun {
                    waiting -= 1
                    if waiting == 0 { break }
                }
                _ = FileManager.default.createFile(atPath: readyFile, contents: nil)
                try await group.waitForAll()
            }
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }
}

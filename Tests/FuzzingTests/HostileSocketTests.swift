import Foundation
import Fuzzing
import Locking
import Logging
import NIOCore
import NIOPosix
import Provisioning
import Testing

@testable import Execution
@testable import station

/// The daemon's door for commands, given anything.
@Suite("Hostile bytes at the control socket", .timeLimit(.minutes(3)))
struct HostileSocketTests {
    @Test("end their own connection; a command behind them is carried out")
    func outlived() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/c-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = ControlSocket.path(dataFolder: folder)
        let performed = Locked(0)
        let socket = ControlSocket(
            path: path,
            perform: { _ in
                performed.withLock { $0 += 1 }
                return ["done": true]
            }, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let command = try JSONEncoder().encode(
            ControlRequest(actor: "cli:it", command: .holdUnit(deviceName: "lamp-1", reason: "r")))
        let request =
            Array("POST /api/v1/commands HTTP/1.1\r\nHost: a\r\nContent-Length: \(command.count)\r\n\r\n".utf8)
            + command
        var mutator = Mutator(
            random: SeededRandom(seed: 13),
            words: ["\r\n\r\n", "Content-Length: -1\r\n", "chunked"].map { Array($0.utf8) },
            limit: 4096)
        let inputs = (0..<200).map { _ in mutator.input(from: [request]) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await socket.run() }
            while !ControlSocket.isServed(path) { await Task.yield() }
            for input in inputs {
                let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connect(unixDomainSocketPath: path).get()
                try? await channel.writeAndFlush(ByteBuffer(bytes: input))
                try? await channel.close()
            }
            let before = performed.withLock { $0 }
            let answer = try await Self.ask(path, request)
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("{\"done\":true}"), "\(answer)")
            #expect(performed.withLock { $0 } > before)
            group.cancelAll()
        }
    }

    /// Sends a request and reads until the answer's body has come.
    private static func ask(_ path: String, _ request: [UInt8]) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: request))
            var text = ""
            for try await part in inbound {
                text += String(buffer: part)
                if text.hasSuffix("}\n") { break }
            }
            return text
        }
    }
}

import Bench
import NIOCore
import NIOPosix

/// Speaks to one slot of the simulated fixture: a line out, a line back.
struct FixtureClient: Sendable {
    let host: String
    let port: Int

    /// Why the fixture did not do it.
    struct FixtureError: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads `socket://HOST:PORT`.
    init(_ address: String) throws {
        guard case .tcp(let host, let port) = try PortAddress(address).kind else {
            throw FixtureError(description: "\(address) is no socket address")
        }
        (self.host, self.port) = (host, port)
    }

    /// Puts a board on the slot, in place of the one that lies there.
    func place(_ board: Int) async throws { try await tell("place \(board)") }

    /// Takes the board off the slot.
    func remove() async throws { try await tell("remove") }

    private func tell(_ line: String) async throws {
        let answer = try await ask(line)
        guard answer == "ok" else { throw FixtureError(description: "fixture \(host):\(port): \(line): \(answer)") }
    }

    private func ask(_ line: String) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(10))
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: line + "\n"))
            var answer = ""
            for try await piece in inbound {
                answer += String(buffer: piece)
                if let end = answer.firstIndex(of: "\n") { return String(answer[..<end]) }
            }
            return answer
        }
    }
}

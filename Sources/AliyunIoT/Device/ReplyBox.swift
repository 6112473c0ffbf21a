import Foundation
import Locking
import MQTT
import NIOCore
import NIOFoundationCompat

/// Matches Alink replies (`{"id":…,"code":…}`) to the requests that wait for them, by id.
final class ReplyBox: Sendable {
    private enum Slot {
        /// The reply came before anybody waited: between the acknowledgement of the message and the wait.
        case early(Int)
        case waiting(CheckedContinuation<Int, any Error>)
        case expected
    }

    private struct State {
        var lastID = 0
        var slots: [String: Slot] = [:]
        var end: ConnectionError?
    }

    private let state = Locked(State())

    /// Ids count up from 1 within a session.
    func nextID() -> String {
        state.withLock {
            $0.lastID += 1
            return "\($0.lastID)"
        }
    }

    /// Takes a reply somebody waits for; called on the event loop.
    func take(_ message: Packet.Publish) -> Bool {
        guard let reply = try? JSONDecoder().decode(Reply.self, from: message.payload) else { return false }
        let waiting = state.withLock { state -> (isOurs: Bool, continuation: CheckedContinuation<Int, any Error>?) in
            switch state.slots[reply.id] {
            case .expected, .early:
                state.slots[reply.id] = .early(reply.code)
                return (true, nil)
            case .waiting(let continuation):
                state.slots[reply.id] = nil
                return (true, continuation)
            case nil:
                return (false, nil)
            }
        }
        waiting.continuation?.resume(returning: reply.code)
        return waiting.isOurs
    }

    /// Sends the request `id` by `send`, then waits for its reply.
    func reply(to id: String, send: () async throws -> Void) async throws -> Int {
        state.withLock { $0.slots[id] = .expected }
        defer { state.withLock { _ = $0.slots.removeValue(forKey: id) } }
        try await send()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<Int, any Error>? in
                    if case .early(let code) = state.slots[id] { return .success(code) }
                    if let end = state.end { return .failure(end) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.slots[id] = .waiting(continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiting = state.withLock { $0.slots.removeValue(forKey: id) }
            if case .waiting(let continuation) = waiting { continuation.resume(throwing: CancellationError()) }
        }
    }

    /// The connection is over: nobody waits in vain.
    func close(_ error: ConnectionError) {
        let waiting = state.withLock { state in
            state.end = error
            let all = state.slots.values.map { $0 }
            state.slots = [:]
            return all
        }
        for case .waiting(let continuation) in waiting { continuation.resume(throwing: error) }
    }

    private struct Reply: Decodable {
        let id: String
        let code: Int

        private enum CodingKeys: String, CodingKey { case id, code }

        /// The platform echoes the id as it was sent, a text; look-alikes send a number.
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            if let text: String = fields.optional(.id) {
                id = text
            } else {
                id = "\(try fields.decode(Int.self, forKey: .id))"
            }
            code = try fields.decode(Int.self, forKey: .code)
        }
    }
}

import Locking
import NIOCore

/// Memory for large request bodies, shared by all connections of a web server: without it, a few hundred clients that
/// send slowly and have not shown yet who they are would hold gigabytes.
///
/// The first ``free`` bytes of each body are not counted, so that ordinary calls go on while large ones are turned away.
final class BodyBudget: Sendable {
    static let free = 64 << 10

    /// Why a body was not taken in.
    enum Refusal: Error, Equatable { case tooLarge, noRoom }

    private let left: Locked<Int>

    /// - Parameter bytes: how much all bodies together may hold beyond their free parts.
    init(bytes: Int) { left = Locked(bytes) }

    /// Reads a body and lends it to `work`; its bytes count until `work` has ended.
    func withBody<Parts: AsyncSequence, R>(
        of parts: Parts, maximum: Int, _ work: (ByteBuffer) async throws -> R
    ) async throws -> R where Parts.Element == ByteBuffer {
        var (body, held) = (ByteBuffer(), 0)
        defer { give(held) }
        for try await var part in parts {
            guard body.readableBytes + part.readableBytes <= maximum else { throw Refusal.tooLarge }
            let wanted = max(0, body.readableBytes + part.readableBytes - Self.free) - held
            guard take(wanted) else { throw Refusal.noRoom }
            held += wanted
            body.writeBuffer(&part)
        }
        return try await work(body)
    }

    private func take(_ bytes: Int) -> Bool {
        left.withLock { left in
            guard bytes <= left else { return false }
            left -= bytes
            return true
        }
    }

    private func give(_ bytes: Int) { left.withLock { $0 += bytes } }
}

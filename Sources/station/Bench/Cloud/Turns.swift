import Locking

/// Things that workers use by turns: each by one worker at a time, the one that was used longest ago first.
///
/// May be used from any task.
final class Turns<Element: Sendable>: Sendable {
    /// More workers than things.
    struct NoneLeft: Error, CustomStringConvertible {
        let count: Int
        var description: String { "all \(count) are in use: more workers than devices" }
    }

    /// A ring: what lies from `first` on is free, what is lent leaves room behind it.
    private struct Ring {
        var items: [Element]
        var first = 0
        var free: Int
    }

    private let ring: Locked<Ring>

    init(_ items: [Element]) { ring = Locked(Ring(items: items, free: items.count)) }

    /// Lends one thing to `body`.
    /// - Throws: ``NoneLeft``, or what `body` throws.
    func lend<R: Sendable>(_ body: @Sendable (Element) async throws -> R) async throws -> R {
        let item = try take()
        defer { giveBack(item) }
        return try await body(item)
    }

    private func take() throws -> Element {
        try ring.withLock { ring in
            guard ring.free > 0 else { throw NoneLeft(count: ring.items.count) }
            let item = ring.items[ring.first]
            ring.first = (ring.first + 1) % ring.items.count
            ring.free -= 1
            return item
        }
    }

    private func giveBack(_ item: Element) {
        ring.withLock { ring in
            ring.items[(ring.first + ring.free) % ring.items.count] = item
            ring.free += 1
        }
    }
}

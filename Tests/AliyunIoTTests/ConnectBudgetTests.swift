import AliyunIoT
import Locking
import Testing

/// A clock that stands still until it is moved.
final class ManualClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let offset = Locked(Duration.zero)

    var now: Instant { Instant(offset: offset.withLock { $0 }) }
    var minimumResolution: Duration { .nanoseconds(1) }
    func advance(_ duration: Duration) { offset.withLock { $0 += duration } }
    func sleep(until deadline: Instant, tolerance: Duration?) async throws {}
}

@Suite("At most 5 connects a minute")
struct ConnectBudgetTests {
    @Test("the sixth connect waits until the first has left the minute; other devices do not wait")
    func sixth() {
        let clock = ManualClock()
        var budget = ConnectBudget(window: .seconds(60), clock: clock)
        for _ in 0..<5 {
            #expect(budget.wait(for: "D1") == .zero)
            budget.note("D1")
            clock.advance(.seconds(10))
        }
        #expect(budget.wait(for: "D1") == .seconds(10))
        #expect(budget.wait(for: "D2") == .zero)
        clock.advance(.seconds(9))
        #expect(budget.wait(for: "D1") == .seconds(1))
        clock.advance(.seconds(1))
        #expect(budget.wait(for: "D1") == .zero)
        budget.note("D1")
        #expect(budget.wait(for: "D1") == .seconds(10), "now the second is the oldest of five")
    }

    @Test(
        "past connects in any order say how long to wait",
        arguments: [
            ([], 0), ([0, 1, 2, 3], 0), ([0, 1, 2, 3, 4], 2), ([4, 0, 3, 1, 2], 2), ([0, 0, 0, 0, 0, 50], 2),
            ([10, 11, 12, 13, 14, 15, 60], 14), ([60, 60, 60, 60, 60], 62), ([-5, -4, -3, -2, -1], 0),
        ])
    func past(_ seconds: [Int], _ expected: Int) {
        let now = ManualClock.Instant(offset: .seconds(60))
        let past = seconds.map { ManualClock.Instant(offset: .seconds($0)) }
        #expect(ConnectBudget<ManualClock>.wait(past: past, now: now) == .seconds(expected))
    }
}

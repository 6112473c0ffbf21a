/// How often a device may connect: at most 5 times a minute, registrations included ("Limits"); a sixth attempt is
/// refused. Says how long a slot must stay unpowered, for its countdown.
///
/// Not shared between tasks by itself: keep it where the slots are run.
public struct ConnectBudget<Time: Clock>: Sendable where Time.Duration == Duration {
    public let limit: Int
    /// Length of the platform's minute, with what our count may lag behind the cloud's.
    public let window: Duration
    private let clock: Time
    private var connects: [String: [Time.Instant]] = [:]

    /// - Parameters:
    ///   - limit: connects in a window, at least 1.
    ///   - window: a minute, and two seconds more since the cloud counts when the connect arrives, later than the
    ///     power-on that is noted here.
    public init(limit: Int = 5, window: Duration = .seconds(62), clock: Time) {
        self.limit = max(limit, 1)
        self.window = window
        self.clock = clock
    }

    /// Notes that a device is about to connect.
    public mutating func note(_ device: String) {
        let now = clock.now
        connects[device, default: []].append(now)
        // What is older than a window no longer counts; so the table holds no more than a minute's devices.
        for (name, times) in connects {
            let counted = times.filter { $0.duration(to: now) < window }
            connects[name] = counted.isEmpty ? nil : counted
        }
    }

    /// Time until `device` may connect again, `count` times in a row; zero = now.
    public func wait(for device: String, connects count: Int = 1) -> Duration {
        let room = max(1, limit - max(0, count - 1))
        return Self.wait(past: connects[device] ?? [], now: clock.now, limit: room, window: window)
    }

    /// Time until one more connect fits, given the times of the past ones in any order.
    public static func wait(
        past: [Time.Instant], now: Time.Instant, limit: Int = 5, window: Duration = .seconds(62)
    ) -> Duration {
        let ages = past.map { $0.duration(to: now) }.filter { $0 < window }.sorted()
        guard ages.count >= limit else { return .zero }
        // The newest `limit` count; the oldest of them must leave the window first.
        return window - ages[limit - 1]
    }
}

extension ConnectBudget where Time == ContinuousClock {
    public init(limit: Int = 5, window: Duration = .seconds(62)) {
        self.init(limit: limit, window: window, clock: ContinuousClock())
    }
}

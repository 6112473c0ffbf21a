import Locking

/// Nonces seen and calls counted by the API gateway, with bounded memory.
final class CallLedger: Sendable {
    /// Time a request stays valid before and after its time stamp, milliseconds: 15 minutes.
    static let window: Int64 = 15 * 60_000
    /// Nonces kept at most; beyond it the oldest are forgotten early.
    static let capacity = 200_000
    /// QueryDevice at CurrentPage × PageSize of 100,000 and more.
    static let deepCallsPerSecond = 2

    private struct State {
        var seen: Set<String> = []
        /// Nonces with the time they may be forgotten, oldest first.
        var order: [(text: String, until: Int64)] = []
        var first = 0
        var counts: [String: (second: Int64, calls: Int)] = [:]
    }

    private let state = Locked(State())

    /// Notes a nonce of an access key; false where it was there already.
    func admit(nonce: String, accessKey: String, now: Int64) -> Bool {
        let text = "\(accessKey)\n\(nonce)"
        return state.withLock { state in
            while state.first < state.order.count,
                state.order[state.first].until < now || state.seen.count >= Self.capacity
            {
                state.seen.remove(state.order[state.first].text)
                state.first += 1
            }
            if state.first > 4096, state.first * 2 > state.order.count {
                state.order.removeFirst(state.first)
                state.first = 0
            }
            guard state.seen.insert(text).inserted else { return false }
            state.order.append((text, now + 2 * Self.window))
            return true
        }
    }

    /// Counts a call of the account, whichever of its access keys makes it; false where the action's calls of this
    /// second are used up.
    /// - Parameter deep: whether the call looks far down a list, which has a smaller limit of its own.
    func count(action: OpenAPIAction, deep: Bool = false, now: Int64) -> Bool {
        let (name, second) = (deep ? action.name + " deep" : action.name, now / 1000)
        let limit = deep ? Self.deepCallsPerSecond : action.callsPerSecond
        return state.withLock { state in
            var entry = state.counts[name] ?? (second, 0)
            if entry.second != second { entry = (second, 0) }
            guard entry.calls < limit else { return false }
            entry.calls += 1
            state.counts[name] = entry
            return true
        }
    }
}

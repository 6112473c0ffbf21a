/// Who waits for which device's state. Without I/O; ``StatePoller`` guards it.
struct StateQueue {
    typealias Caller = CheckedContinuation<PolledState, any Error>

    struct Name: Hashable {
        let productKey: String
        let deviceName: String
    }

    struct Batch: Equatable {
        let productKey: String
        let deviceNames: [String]
    }

    private(set) var hasEnded = false
    private var lastID: UInt64 = 0
    private var callers: [UInt64: Caller] = [:]
    /// Names that wait for a call, in the order they came.
    private var order: [Name] = []
    private var waiting: [Name: [UInt64]] = [:]
    /// Names of the call under way.
    private var asked: [Name: [UInt64]] = [:]

    /// Callers, those of the call under way included.
    var count: Int { callers.count }

    mutating func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    mutating func add(_ caller: Caller, id: UInt64, for name: Name) {
        callers[id] = caller
        if waiting[name] == nil { order.append(name) }
        waiting[name, default: []].append(id)
    }

    /// The caller who gives up, if it still waits; a name nobody waits for is not asked for.
    mutating func remove(_ id: UInt64) -> Caller? {
        guard let caller = callers.removeValue(forKey: id) else { return nil }
        for (name, ids) in waiting where ids.contains(id) {
            waiting[name] = ids.count == 1 ? nil : ids.filter { $0 != id }
            if ids.count == 1 { order.removeAll { $0 == name } }
        }
        return caller
    }

    /// The next call's names: those of the product that has waited longest. Nil if none waits.
    mutating func take(_ most: Int) -> Batch? {
        guard let first = order.first else { return nil }
        let names = Array(order.filter { $0.productKey == first.productKey }.prefix(most))
        let taken = Set(names)
        order.removeAll { taken.contains($0) }
        for name in names { asked[name] = waiting.removeValue(forKey: name) }
        return Batch(productKey: first.productKey, deviceNames: names.map(\.deviceName))
    }

    /// The callers who asked for `name` before the call that has ended.
    mutating func finish(_ name: Name) -> [Caller] {
        (asked.removeValue(forKey: name) ?? []).compactMap { callers.removeValue(forKey: $0) }
    }

    /// All callers; no more are taken.
    mutating func end() -> [Caller] {
        let all = Array(callers.values)
        self = StateQueue()
        hasEnded = true
        return all
    }
}

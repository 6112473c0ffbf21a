/// The last events of the feed, numbered without a gap, for readers that come back.
struct EventRing: Sendable {
    /// One event as it is sent.
    struct Event: Hashable, Sendable {
        let number: Int64
        /// `slot`, `order`, `health`, `notice`, `tray` or `scan`.
        let name: String
        /// JSON on one line.
        let data: String
    }

    /// Names one life of the daemon: ids of another life are no place to go on from.
    let epoch: String
    private let capacity: Int
    private var events: [Event] = []
    private(set) var last: Int64 = 0

    init(epoch: String, capacity: Int = 8192) {
        (self.epoch, self.capacity) = (epoch, max(1, capacity))
        events.reserveCapacity(self.capacity)
    }

    /// `<epoch>-<n>` of an event.
    func id(_ number: Int64) -> String { "\(epoch)-\(number)" }

    /// The number in an id of this life; nil for any other.
    func number(id: String) -> Int64? {
        guard let dash = id.lastIndex(of: "-"), id[..<dash] == epoch, let number = Int64(id[id.index(after: dash)...]),
            (0...last).contains(number)
        else { return nil }
        return number
    }

    /// Adds an event under the next number.
    mutating func append(_ name: String, _ data: String) {
        last += 1
        let event = Event(number: last, name: name, data: data)
        if events.count < capacity {
            events.append(event)
        } else {
            events[Int((last - 1) % Int64(capacity))] = event
        }
    }

    /// What came after an event; nil where that is not kept any more.
    func events(after number: Int64) -> [Event]? {
        guard number <= last, last - number <= Int64(events.count) else { return nil }
        guard number < last else { return [] }
        return (number + 1...last).map { events[Int(($0 - 1) % Int64(capacity))] }
    }
}

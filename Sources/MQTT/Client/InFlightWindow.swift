/// Which requests wait for an acknowledgement, under which packet identifier, and which wait for room.
///
/// At most `limit` are on the wire at a time, the others wait in order: brokers drop messages when a client floods them
/// (mosquitto beyond about 1,000). Identifiers count from 1 to 65,535 and start again, skipping those in use
/// [MQTT-2.3.1-2].
struct InFlightWindow<Request> {
    /// What was asked under an identifier.
    struct Entry {
        let request: Request
        let packet: Packet
    }

    let limit: Int
    private(set) var waiting: [(request: Request, make: @Sendable (UInt16) -> Packet)] = []
    private(set) var inFlight: [UInt16: Entry] = [:]
    private var lastID: UInt16

    /// - Parameter lastID: the identifier before the first one given out.
    init(limit: Int = 20, lastID: UInt16 = 0) {
        self.limit = limit
        self.lastID = lastID
    }

    /// Takes a request; returns the packet to send now, or nil if it waits for room.
    mutating func submit(_ request: Request, _ make: @escaping @Sendable (UInt16) -> Packet) -> Packet? {
        waiting.append((request, make))
        return waiting.count == 1 ? next() : nil
    }

    /// Takes an acknowledgement. Returns what it was for and the packet that now has room; nil for an identifier that
    /// is not in use, which a late repeat may carry.
    mutating func acknowledge(_ id: UInt16) -> (done: Entry, next: Packet?)? {
        guard let done = inFlight.removeValue(forKey: id) else { return nil }
        return (done, next())
    }

    /// Gives everything back that has no answer, oldest first, and is empty afterwards.
    mutating func removeAll() -> [Request] {
        let requests = inFlight.sorted { $0.key < $1.key }.map(\.value.request) + waiting.map(\.request)
        inFlight = [:]
        waiting = []
        return requests
    }

    private mutating func next() -> Packet? {
        guard !waiting.isEmpty, inFlight.count < limit else { return nil }
        let (request, make) = waiting.removeFirst()
        let packet = make(freeID())
        inFlight[lastID] = Entry(request: request, packet: packet)
        return packet
    }

    /// - Precondition: fewer than 65,535 in flight, which `limit` sees to.
    private mutating func freeID() -> UInt16 {
        repeat {
            lastID = lastID == .max ? 1 : lastID + 1
        } while inFlight[lastID] != nil
        return lastID
    }
}

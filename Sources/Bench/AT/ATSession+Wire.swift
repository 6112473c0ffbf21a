import BoardProtocols

extension ATSession {
    /// The next item, or nil at the deadline. What the system holds by then is still taken in, for a thread may wake
    /// late; a line that babbles on is cut off a second later.
    func next(until deadline: ContinuousClock.Instant) throws(LoaderError) -> ATLineReader.Item? {
        while items.isEmpty {
            guard ContinuousClock.now < deadline + .seconds(1), try receive(until: deadline) else { return nil }
        }
        return items.removeFirst()
    }

    /// Takes in bytes; false when none came until the deadline.
    func receive(until deadline: ContinuousClock.Instant) throws(LoaderError) -> Bool {
        let bytes: [UInt8]
        do {
            bytes = try link.read(upTo: 16384, deadline: deadline)
        } catch {
            throw LoaderError(error)
        }
        traffic.received += bytes.count
        items += reader.push(bytes)
        return !bytes.isEmpty
    }

    func write(_ bytes: [UInt8]) throws(LoaderError) {
        do {
            try link.write(bytes, deadline: .now + wireTime(bytes.count) * 2 + .seconds(10))
        } catch {
            throw LoaderError(error)
        }
        traffic.sent += bytes.count
    }

    /// How long `count` bytes are on the line.
    func wireTime(_ count: Int) -> Duration { .microseconds(count * 10_000_000 / max(link.baud, 1)) }

    /// Takes what came unasked between two commands: whole lines are kept as unsolicited.
    func discard() throws(LoaderError) {
        while try receive(until: .now) {}
        let idle = ATAnswer(command: [], prefix: nil, numeric: isNumeric)
        var nothing = ATResult()
        for item in items { _ = judge(item, idle, &nothing) }
        items = []
    }

    /// Forgets all that came, half lines included.
    func forget() {
        reader.reset()
        items = []
        (damaged, broken, latest) = (0, 0, "")
    }
}

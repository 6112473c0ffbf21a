/// The two directions of a UART as time passes: when a byte has arrived, and whether it arrived readable.
///
/// A value type driven by its owner: bytes go in with the time they were written at, and come out once their last bit
/// would have passed a real wire (10 bit times a byte). Bytes sent at one rate and sampled at another come out as
/// noise. Without pacing everything is due at once.
struct SerialWire {
    /// Output is handed over in slices of this length at least, so that a fast stream costs few wake-ups.
    static let slice = Duration.milliseconds(4)
    /// UARTs tolerate about this much difference between two rates, in percent.
    static let tolerance = 3

    let pace: BoardPace
    /// The board's rate, in baud, for bytes sent and received from now on.
    var baud = 115_200

    private var input: [(bytes: [UInt8], due: ContinuousClock.Instant)] = []
    private var inputFree: ContinuousClock.Instant?
    private var output: [Stretch] = []
    private var outputFree: ContinuousClock.Instant?
    private var noise = LineNoise(seed: 0x5EED)

    /// Bytes that leave one after the other at one rate.
    private struct Stretch {
        var bytes: [UInt8]
        var next = 0
        let baud: Int
        let start: ContinuousClock.Instant
    }

    init(pace: BoardPace) { self.pace = pace }

    /// Bytes not yet handed over to the client.
    var outputBacklog: Int { output.reduce(0) { $0 + $1.bytes.count - $1.next } }

    /// When something is due next; nil when nothing is under way.
    func nextDeadline(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        var deadlines: [ContinuousClock.Instant] = []
        if let first = input.first { deadlines.append(first.due) }
        if let first = output.first {
            let end = first.start + byteTime(first.baud) * first.bytes.count
            deadlines.append(min(end, max(now, first.start) + Self.slice))
        }
        return deadlines.min()
    }

    // MARK: - Client to board

    /// Takes what the client wrote at `clientBaud` (nil: a rate without meaning, as on TCP).
    mutating func receive(_ bytes: [UInt8], clientBaud: Int?, now: ContinuousClock.Instant) {
        let readable = clientBaud.map { Self.agree($0, baud) } ?? true
        let arrived = readable ? bytes : noise.garble(bytes, from: clientBaud ?? baud, to: baud)
        let due = max(inputFree ?? now, now) + byteTime(clientBaud ?? baud) * bytes.count
        inputFree = due
        input.append((arrived, due))
    }

    /// The bytes whose time has come, and when their last bit passed; nil when none has come.
    ///
    /// An answer that is sent with that time as `now` leaves when it should, however late the thread woke up.
    mutating func takeInput(now: ContinuousClock.Instant) -> (bytes: [UInt8], arrived: ContinuousClock.Instant)? {
        let count = input.prefix { $0.due <= now }.count
        guard count > 0 else { return nil }
        let bytes = count == 1 ? input[0].bytes : Array(input[..<count].map(\.bytes).joined())
        let arrived = input[count - 1].due
        input.removeFirst(count)
        return (bytes, arrived)
    }

    // MARK: - Board to client

    /// Queues bytes at the present rate.
    mutating func send(_ bytes: [UInt8], now: ContinuousClock.Instant) {
        guard !bytes.isEmpty else { return }
        let start = max(outputFree ?? now, now)
        outputFree = start + byteTime(baud) * bytes.count
        if let last = output.indices.last, output[last].baud == baud, pace == .unpaced || start > now {
            output[last].bytes += bytes
        } else {
            output.append(Stretch(bytes: bytes, baud: baud, start: start))
        }
    }

    /// The bytes that have left the board and the rate they left at; nil when none has.
    mutating func takeOutput(now: ContinuousClock.Instant) -> (bytes: [UInt8], baud: Int)? {
        guard var first = output.first else { return nil }
        let time = byteTime(first.baud)
        let passed = first.start.duration(to: now)
        let count = time == .zero ? first.bytes.count : min(first.bytes.count, max(0, Int(passed / time + 1e-9)))
        guard count > first.next else { return nil }
        let bytes = first.next == 0 && count == first.bytes.count ? first.bytes : Array(first.bytes[first.next..<count])
        if count == first.bytes.count {
            output.removeFirst()
        } else {
            first.next = count
            output[0] = first
        }
        return (bytes, first.baud)
    }

    /// What a client that listens at `clientBaud` makes of bytes sent at `baud`.
    mutating func heard(_ bytes: [UInt8], sentAt baud: Int, clientBaud: Int?) -> [UInt8] {
        guard let clientBaud, !Self.agree(clientBaud, baud) else { return bytes }
        return noise.garble(bytes, from: baud, to: clientBaud)
    }

    /// The supply is gone: nothing is under way any more, and the UART starts at 115200 again.
    mutating func reset() {
        input = []
        output = []
        inputFree = nil
        outputFree = nil
        baud = 115_200
    }

    private func byteTime(_ uart: Int) -> Duration {
        switch pace {
        case .unpaced: .zero
        case .real: .seconds(10) / max(1, uart)
        case .fixed(let rate): .seconds(10) / max(1, rate)
        }
    }

    private static func agree(_ one: Int, _ other: Int) -> Bool {
        abs(one - other) * 100 <= other * tolerance
    }
}

public import BoardProtocols

/// Talks to one chip's serial loader: the exchange of one request and its answer, and what came besides.
///
/// Lives on the slot's thread and blocks there. The steps stand in the extensions: connecting, identity, stub and rate,
/// writing, reading. After a failure the object may still be used once ``synchronise(tries:)`` has passed.
public final class EspressifLoader: BoardLoader {
    /// What an answer brought: READ_REG's value, and the payload before the status.
    struct Answer {
        var value: UInt32
        var payload: [UInt8]
    }

    /// The rate at which every ROM starts.
    public static let romBaud = 115_200

    public let link: any BoardLink
    let readsUserBlock: Bool
    /// Known after ``detectChip(expected:)``.
    public internal(set) var chip: EspressifChip?
    /// True while the RAM stub answers instead of the ROM.
    public internal(set) var isStub = false
    /// The stub that this session started; nil while ``isStub`` is true means one that was left running.
    public internal(set) var startedStub: EspressifStub?
    /// What the ROM says about secure boot and the like; nil on chips without that command.
    public internal(set) var security: EspressifSecurityInfo?
    /// Bytes put on the wire and taken from it so far.
    public private(set) var traffic = (sent: 0, received: 0)
    /// The last 4 KiB that came outside frames: boot log, or noise.
    public private(set) var text: [UInt8] = []
    var spiReady = false

    private var decoder = SLIP.Decoder(firstBytes: EspressifLoader.expectedFirstBytes)
    private var frames: [[UInt8]] = []
    private var damaged = 0

    /// Answers start with 01h; the stub's greeting with `O`.
    private static let expectedFirstBytes: Set<UInt8> = [0x01, 0x4F]

    /// - Parameter readsUserBlock: whether ``readBoard()`` reads eFuse BLOCK3, where an SN or IMEI may stand.
    public init(link: any BoardLink, readsUserBlock: Bool = false) {
        (self.link, self.readsUserBlock) = (link, readsUserBlock)
    }

    var baud: Int { link.baud }
    var readsIdentity: Bool { true }
    var chipName: String { chip?.name ?? "Espressif chip" }
    /// The stub that runs, or the ROM and why.
    var method: FlashReport.Method = .rom(reason: "no stub was started")

    /// Sends a request and waits for its answer, skipping frames that belong to other commands.
    ///
    /// - Parameters:
    ///   - timeout: for the answer, counted after the time the bytes need on the wire.
    ///   - payload: the lengths the payload may have; the status follows it.
    ///   - patience: for the answer once something damaged came; nil waits all of `timeout`.
    /// - Throws: ``LoaderError`` `noResponse`, `noise`, `protocolError` with the loader's reason, `portLost`,
    ///   `cancelled`.
    func perform(
        _ request: EspressifRequest, timeout: Duration = EspressifTimeouts.command, payload lengths: [Int] = [0],
        patience: Duration? = nil
    ) throws(LoaderError) -> Answer {
        try drain()
        damaged = 0
        let heard = traffic.received
        var deadline = try send(request.frame, answerWithin: timeout)
        var skipped = 0
        while skipped < 100, let frame = try nextFrame(deadline: &deadline, patience: patience) {
            guard let response = try? EspressifResponse(parsing: frame),
                frame.count == 8 + response.data.count
            else {
                damaged += 1
                skipped += 1
                continue
            }
            guard response.operation == request.operation else {
                // A ROM refuses a command it does not know under another operation byte.
                if [2, 4].contains(response.data.count),
                    response.data.starts(with: [1, EspressifReason.badMessage.rawValue])
                {
                    throw refused(request, .badMessage)
                }
                skipped += 1
                continue
            }
            if let answer = try read(response, to: request, lengths: lengths) { return answer }
            damaged += 1
        }
        throw silence(request, heard: traffic.received - heard)
    }

    /// ``perform(_:timeout:payload:patience:)`` for requests that may be repeated without harm: three tries, the line
    /// drained until it is quiet in between, so that a late answer is not taken for the next one's.
    func query(
        _ request: EspressifRequest, timeout: Duration = EspressifTimeouts.command, payload lengths: [Int] = [0],
        patience: Duration? = nil
    ) throws(LoaderError) -> Answer {
        var tries = 1
        while true {
            do {
                return try perform(request, timeout: timeout, payload: lengths, patience: patience)
            } catch {
                guard tries < 3, error.kind == .noise || error.kind == .noResponse else { throw error }
                tries += 1
                try drainUntilQuiet()
            }
        }
    }

    /// The payload where lengths and status fit, nil for a damaged answer.
    private func read(
        _ response: EspressifResponse, to request: EspressifRequest, lengths: [Int]
    ) throws(LoaderError) -> Answer? {
        for length in lengths where [length + 2, length + 4].contains(response.data.count) {
            if let payload = try? response.payload(length: length) {
                return Answer(value: response.value, payload: payload)
            }
        }
        guard [2, 4].contains(response.data.count) || response.data.count - 2 == lengths[0] else { return nil }
        do {
            _ = try response.payload(length: lengths[0])
            return nil
        } catch {
            guard case .refused(let reason) = error else { return nil }
            throw refused(request, reason)
        }
    }

    private func refused(_ request: EspressifRequest, _ reason: EspressifReason) -> LoaderError {
        LoaderError(
            .protocolError, "the loader refused \(name(request)): \(reason)", command: request.command, reason: reason)
    }

    private func silence(_ request: EspressifRequest, heard: Int) -> LoaderError {
        if damaged > 0 || heard > 0 {
            return LoaderError(
                .noise,
                "\(name(request)): \(heard) bytes came back, none of them a whole answer: check cable, rate "
                    + "and power", command: request.command)
        }
        return LoaderError(
            .noResponse, "\(name(request)): no answer: check that the board has power and is in its loader",
            command: request.command)
    }

    private func name(_ request: EspressifRequest) -> String {
        request.command.map { "\($0)" } ?? "command \(request.operation)"
    }

    /// Writes bytes; returns the deadline for the answer: the time on the wire and `timeout` from now.
    func send(_ bytes: [UInt8], answerWithin timeout: Duration) throws(LoaderError) -> ContinuousClock.Instant {
        let wire = Duration.microseconds(bytes.count * 10_000_000 / max(link.baud, 1))
        let now = ContinuousClock.now
        do {
            try link.write(bytes, deadline: now + wire * 2 + .seconds(10))
        } catch {
            throw LoaderError(error)
        }
        traffic.sent += bytes.count
        return max(now + wire, ContinuousClock.now) + timeout
    }

    /// The next frame, or nil at the deadline.
    func nextFrame(deadline: ContinuousClock.Instant) throws(LoaderError) -> [UInt8]? {
        while frames.isEmpty {
            guard try receive(deadline: deadline) else { return nil }
        }
        return frames.removeFirst()
    }

    /// The next frame, or nil at the deadline, which moves up to `patience` from now when something damaged came.
    private func nextFrame(
        deadline: inout ContinuousClock.Instant, patience: Duration?
    ) throws(LoaderError) -> [UInt8]? {
        while frames.isEmpty {
            guard try receive(deadline: deadline) else { return nil }
            if let patience, frames.isEmpty, damaged > 0 { deadline = min(deadline, .now + patience) }
        }
        return frames.removeFirst()
    }

    /// Takes in bytes; false when none came until the deadline.
    private func receive(deadline: ContinuousClock.Instant) throws(LoaderError) -> Bool {
        let bytes: [UInt8]
        do {
            bytes = try link.read(upTo: 16384, deadline: deadline)
        } catch {
            throw LoaderError(error)
        }
        traffic.received += bytes.count
        for item in decoder.push(bytes) {
            switch item {
            case .frame(let frame): frames.append(frame)
            case .text(let more):
                damaged += 1
                text = Array((text + more).suffix(4096))
            }
        }
        return !bytes.isEmpty
    }

    /// Forgets answers that came too late for an earlier request.
    func drain() throws(LoaderError) {
        while try receive(deadline: .now) {}
        frames.removeAll()
        decoder.reset()
    }

    /// Drains until nothing comes for `quiet`, two seconds at most.
    func drainUntilQuiet(_ quiet: Duration = EspressifTimeouts.drainAfterUnknownCommand) throws(LoaderError) {
        let end = ContinuousClock.now + .seconds(2)
        while ContinuousClock.now < end, try receive(deadline: .now + quiet) {}
        try drain()
    }

    /// While flash contents stream in, a frame may start with any byte.
    func acceptAnyFrame(_ any: Bool) { decoder.firstBytes = any ? nil : Self.expectedFirstBytes }

    /// Forgets text and counts of earlier talk with the board.
    func forgetText() { text = [] }
}

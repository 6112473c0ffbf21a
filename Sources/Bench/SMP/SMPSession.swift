public import BoardProtocols

/// Talks SMP with one board over a line that its console shares: MCUboot's serial recovery, or a running application.
///
/// Lives on the slot's thread and blocks there. After a failure the object may still be used; after a lost port a new
/// one is made on a new link.
public final class SMPSession {
    public let link: any BoardLink
    /// How long an answer may take, unless the request says otherwise.
    public let timeout: Duration
    /// Bytes put on the wire and taken from it so far.
    public private(set) var traffic = (sent: 0, received: 0)
    /// The last 4 KiB that came outside frames: the console.
    public private(set) var console: [UInt8] = []
    /// The protocol's version in requests: 1 for SMPv2, 0 for servers that know only the first one.
    public private(set) var version: UInt8 = 1

    private let onText: ([UInt8]) -> Void
    private var decoder = SMPFrame.Decoder()
    private var messages: [[UInt8]] = []
    private var damaged: [SMPFrame.Damage] = []
    private var sequence: UInt8 = 0

    /// - Parameter onText: gets console bytes as they come, on the slot's thread; must not block.
    public init(
        link: any BoardLink, timeout: Duration = .milliseconds(2500), onText: @escaping ([UInt8]) -> Void = { _ in }
    ) {
        (self.link, self.timeout, self.onText) = (link, timeout, onText)
    }

    /// Sends ECHO until a server answers, in turn in both versions of the protocol, and keeps the version that worked.
    ///
    /// A refusal is an answer too: MCUboot may be built without ECHO.
    /// - Throws: ``LoaderError`` `noResponse` (silence, or a board that prints text), `noise`, `portLost`, `cancelled`.
    public func connect(tries: Int = 6) throws(LoaderError) {
        // Ends whatever line an earlier client left unfinished.
        _ = try send([SMPFrame.lineEnd], answerWithin: .zero)
        let heard = traffic.received
        for attempt in 0..<tries {
            version = attempt.isMultiple(of: 2) ? 1 : 0
            do {
                _ = try exchange(.echo("station"), timeout: min(timeout, SMPTimeouts.connect))
                return
            } catch {
                guard error.mayHealByAsking else { throw error }
            }
        }
        version = 1
        throw noServer(heard: traffic.received - heard)
    }

    /// Sends a request once and waits for its answer, skipping answers to other requests.
    ///
    /// - Parameter timeout: for the answer, counted after the time the bytes need on the wire; nil for the session's.
    /// - Throws: ``LoaderError`` `noResponse`, `noise`, `protocolError` (an answer of another shape), `portLost`,
    ///   `cancelled`.
    public func exchange(_ request: SMPRequest, timeout: Duration? = nil) throws(LoaderError) -> SMPReply {
        try drain()
        damaged = []
        sequence &+= 1
        let heard = traffic.received
        let message = request.message(version: version, sequence: sequence).encoded
        var deadline = try send(SMPFrame.encode(message), answerWithin: timeout ?? self.timeout)
        while let bytes = try nextMessage(&deadline) {
            let answer: SMPMessage
            do {
                answer = try SMPMessage(parsing: bytes)
            } catch {
                // The CRC fitted, so this is what the server meant to send.
                throw LoaderError(.protocolError, "the answer to \(request) is no SMP message: \(error)")
            }
            guard request.isAnswered(by: answer, sequence: sequence) else { continue }
            return SMPRefusal(in: answer.body).map { .refused($0) } ?? .answer(answer.body)
        }
        throw silence(request, heard: traffic.received - heard)
    }

    /// ``exchange(_:timeout:)`` for requests that may be repeated without harm: three tries.
    public func query(
        _ request: SMPRequest, timeout: Duration? = nil, tries: Int = 3
    ) throws(LoaderError) -> SMPReply {
        var attempt = 1
        while true {
            do {
                return try exchange(request, timeout: timeout)
            } catch {
                guard attempt < tries, error.mayHealByAsking else { throw error }
                attempt += 1
            }
        }
    }

    /// ``query(_:timeout:tries:)`` where a refusal is an error.
    /// - Throws: ``LoaderError`` `protocolError` with the server's reason, and those of the exchange.
    public func ask(_ request: SMPRequest, timeout: Duration? = nil) throws(LoaderError) -> CBOR {
        switch try query(request, timeout: timeout) {
        case .answer(let body): return body
        case .refused(let refusal): throw LoaderError(refusal, to: request)
        }
    }

    private func silence(_ request: SMPRequest, heard: Int) -> LoaderError {
        if let first = damaged.first {
            return LoaderError(
                .noise,
                "\(request): \(heard) bytes came back, none of them a whole answer (\(first.rawValue)): check cable, "
                    + "rate and power")
        }
        return LoaderError(
            .noResponse, "\(request): no answer: check that the board has power and is still in its loader")
    }

    private func noServer(heard: Int) -> LoaderError {
        guard heard > 0 else {
            return LoaderError(
                .noResponse,
                "no answer to SMP: check that the board sits right, has power and is in serial recovery or runs "
                    + "firmware with an SMP server")
        }
        guard damaged.isEmpty, console.count > 8, ConsoleLines.isMostlyText(console) else {
            return LoaderError(
                .noise, "\(heard) bytes came instead of an answer to SMP: check cable, rate and power")
        }
        let tail = ConsoleLines.printable(Array(console.suffix(120)))
        return LoaderError(
            .noResponse, "the board prints text and answers no SMP: put it into serial recovery; last: \(tail)",
            received: tail)
    }

    /// Writes bytes; returns the deadline for the answer: the time on the wire and `timeout` from now.
    private func send(_ bytes: [UInt8], answerWithin timeout: Duration) throws(LoaderError) -> ContinuousClock.Instant {
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

    /// The next message, or nil at the deadline, which moves up when something damaged came.
    private func nextMessage(_ deadline: inout ContinuousClock.Instant) throws(LoaderError) -> [UInt8]? {
        while messages.isEmpty {
            guard try receive(deadline: deadline) else { return nil }
            if messages.isEmpty, !damaged.isEmpty { deadline = min(deadline, .now + SMPTimeouts.patience) }
        }
        return messages.removeFirst()
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
            case .message(let message): messages.append(message)
            case .damaged(let damage): damaged.append(damage)
            case .text(let text):
                console = Array((console + text).suffix(4096))
                onText(text)
            }
        }
        return !bytes.isEmpty
    }

    /// Forgets answers that came too late for an earlier request.
    private func drain() throws(LoaderError) {
        while try receive(deadline: .now) {}
        messages.removeAll()
    }
}

extension LoaderError {
    /// True where the same request may be answered when it is sent again.
    fileprivate var mayHealByAsking: Bool { kind == .noResponse || kind == .noise }

    /// A server's refusal.
    init(_ refusal: SMPRefusal, to request: SMPRequest) {
        self.init(.protocolError, "the board refused \(request): \(refusal)", received: "\(refusal)")
    }
}

extension ConsoleLines {
    /// True where nine of ten bytes are printable or line ends.
    fileprivate static func isMostlyText(_ bytes: [UInt8]) -> Bool {
        bytes.count { (0x20..<0x7F).contains($0) || $0 == 10 || $0 == 13 || $0 == 9 } * 10 >= bytes.count * 9
    }
}

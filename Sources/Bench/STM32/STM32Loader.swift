public import BoardProtocols

/// Talks to the UART loader in the system memory of an STM32.
///
/// Lives on the slot's thread and blocks there. The line should be opened with even parity
/// (``PortAddress/open(baud:timeout:parity:)``) at the rate to be used: the loader measures it on the first byte and
/// keeps it until its next reset. The steps stand in the extensions: connecting, identity, reading, writing. After a
/// failure the object may still be used once ``synchronise(tries:afterReset:)`` has passed.
///
/// Nothing here erases more than the pages of a region: there is no mass erase, and read protection is never lifted.
public final class STM32Loader: BoardLoader {
    /// Where the product keeps a text that identifies the board, such as an SN in one-time programmable memory.
    public struct IdentityMemory: Sendable, Equatable {
        public let address: UInt32
        /// Bytes, 1 to 256; the text ends before the first 00h or FFh.
        public let length: Int

        public init(address: UInt32, length: Int) {
            self.address = address
            self.length = length
        }
    }

    /// What the loader waits for, as far as is known here: decides how it is brought back in step.
    enum Awaiting { case command, address, readLength, data, pages, widePages }

    /// A rate every part takes.
    public static let usualBaud = 115_200

    public let link: any BoardLink
    let identityMemory: IdentityMemory?
    let startAddress: UInt32?
    let resumes: Bool
    /// What the loader says about itself; known after ``synchronise(tries:afterReset:)``.
    public internal(set) var info: STM32LoaderInfo?
    /// Known after ``detectChip(expected:)``.
    public internal(set) var part: STM32Part?
    /// In KiB; known after ``prepareFlash(end:)``.
    public internal(set) var flashKiB: Int?
    /// Bytes put on the wire and taken from it so far.
    public private(set) var traffic = (sent: 0, received: 0)
    var awaiting = Awaiting.command

    /// - Parameters:
    ///   - identityMemory: read with every ``readBoard()``; nil reads none.
    ///   - startAddress: where ``finish()`` starts the program; nil leaves the board in its loader until it is reset.
    ///   - resumes: whether a write leaves alone what flash already holds and goes on from the first block that
    ///     differs.
    public init(
        link: any BoardLink, identityMemory: IdentityMemory? = nil, startAddress: UInt32? = nil, resumes: Bool = true
    ) {
        self.link = link
        self.identityMemory = identityMemory
        self.startAddress = startAddress
        self.resumes = resumes
    }

    public var baud: Int { link.baud }
    public var readsIdentity: Bool { true }
    public var method: FlashReport.Method {
        .loader(name: "STM32 system memory loader", version: info?.versionText ?? "unknown")
    }

    // MARK: - Bytes

    /// Hands bytes to the line; returns the deadline for the answer: their time on the wire, that of `answer` bytes
    /// back, and `timeout` from now. A byte has eleven bits on this line.
    func send(
        _ bytes: [UInt8], answer: Int = 1, within timeout: Duration
    ) throws(LoaderError) -> ContinuousClock.Instant {
        let wire = Duration.microseconds((bytes.count + answer) * 11_000_000 / max(link.baud, 1))
        do {
            try link.write(bytes, deadline: .now + wire * 2 + .seconds(10))
        } catch {
            throw LoaderError(error)
        }
        traffic.sent += bytes.count
        return .now + wire + timeout
    }

    /// What comes until `count` bytes are there or the deadline passes.
    func receive(_ count: Int, deadline: ContinuousClock.Instant) throws(LoaderError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more: [UInt8]
            do {
                more = try link.read(upTo: count - bytes.count, deadline: deadline)
            } catch {
                throw LoaderError(error)
            }
            guard !more.isEmpty else { break }
            traffic.received += more.count
            bytes += more
        }
        return bytes
    }

    /// Takes what is there and returns it: nothing, where the line is in order.
    @discardableResult
    func drain() throws(LoaderError) -> [UInt8] { try receive(4096, deadline: .now) }

    /// Drains until nothing comes for `quiet`, two seconds at most; returns what came.
    @discardableResult
    func drainUntilQuiet(_ quiet: Duration = STM32Timeouts.quiet) throws(LoaderError) -> [UInt8] {
        let end = ContinuousClock.now + .seconds(2)
        var heard: [UInt8] = []
        while ContinuousClock.now < end {
            let more = try receive(1, deadline: .now + quiet)
            guard !more.isEmpty else { break }
            heard += more + (try drain())
        }
        return heard
    }
}

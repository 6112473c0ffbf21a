/// A byte stream to one board: a serial port or a TCP connection to a serial server.
///
/// Used from one thread, the slot's own (``SlotThread``): calls block until their deadline. They wake up at least every
/// 50 ms to see whether the running task was cancelled.
public protocol BoardLink: AnyObject {
    /// The port as the configuration names it.
    var port: String { get }
    /// The rate in effect, in bits a second.
    var baud: Int { get }
    /// False where the port has no DTR and RTS (pty, TCP): the board must then be reset in another way.
    var supportsModemLines: Bool { get }

    /// Whether the port is still there, told without reading: false once it was unplugged, hung up or closed.
    var isAlive: Bool { get }

    /// Waits for bytes and returns at most `limit` of them; empty when the deadline passed without any. A deadline in
    /// the past returns what is there.
    /// - Throws: ``LinkError`` `lost` when the port is gone, `cancelled`, `system`.
    func read(upTo limit: Int, deadline: ContinuousClock.Instant) throws(LinkError) -> [UInt8]

    /// Hands all bytes to the system.
    /// - Throws: ``LinkError`` `lost`, `writeTimeout`, `cancelled`, `system`.
    func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(LinkError)

    /// Sets the rate for both directions. On TCP the rate is only noted: the server keeps its own.
    func setBaud(_ baud: Int) throws(LinkError)

    /// Sets the parity; on TCP it is the server's own business.
    func setParity(_ parity: SerialParity) throws(LinkError)

    /// Drops bytes received and not yet read.
    func discardInput() throws(LinkError)

    /// Sets both modem lines in one call. Does nothing where ``supportsModemLines`` is false.
    func setLines(dtr: Bool, rts: Bool) throws(LinkError)

    /// Closes the port; later calls throw `lost`.
    func close()
}

extension BoardLink {
    public func setParity(_ parity: SerialParity) throws(LinkError) {}

    /// Blocks for `time`, awake for cancellation every 50 ms. For the pauses of reset sequences.
    func pause(_ time: Duration) throws(LinkError) { try DescriptorIO.pause(time, port: port) }
}

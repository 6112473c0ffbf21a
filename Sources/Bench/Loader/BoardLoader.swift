/// A session with the program that writes a board's flash: a chip's own loader, a bootloader, a module's command set, an
/// external flasher.
///
/// Lives on the slot's thread and blocks there; every call wakes at least every 50 ms to see whether the task was
/// cancelled. The steps of a flash are always these: ``prepareFlash(end:)``, for each region ``holds(_:)``, then
/// ``write(_:onEvent:)`` for those that differ, then ``verify(_:onEvent:)``.
protocol BoardLoader: AnyObject {
    /// Bytes put on the wire and taken from it so far.
    var traffic: (sent: Int, received: Int) { get }
    /// The line's rate in bits a second; 0 where there is none.
    var baud: Int { get }
    /// How it is named in the journal.
    var method: FlashReport.Method { get }
    /// The chip or program that answers, as people call it.
    var chipName: String { get }
    /// Whether it can say which board it writes. Where it cannot, an unbroken chain of port and time must do.
    var readsIdentity: Bool { get }

    /// What the board says about itself; asked for again before the first erase and after the last write.
    /// - Throws: ``LoaderError``; `protocolError` where ``readsIdentity`` is false.
    func readBoard() throws(LoaderError) -> BoardReading

    /// Makes the flash ready and checks that it reaches as far as `end`.
    /// - Returns: the flash chip's own id, where it has one.
    /// - Throws: ``LoaderError`` `flashChip` where it is too small or silent.
    func prepareFlash(end: UInt64) throws(LoaderError) -> UInt32?

    /// Bytes of flash; nil where this loader cannot read them.
    func read(_ address: UInt32, _ count: Int) throws(LoaderError) -> [UInt8]?

    /// Whether the flash already holds the region's image, told by a digest or by reading back. False where it cannot be
    /// told.
    func holds(_ region: FlashRegion) throws(LoaderError) -> Bool

    /// Erases and writes one region.
    /// - Returns: true where something had to be sent again, so that a mismatch is worth a second write.
    /// - Throws: ``LoaderError`` with region and address.
    func write(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) -> Bool

    /// Compares flash and image.
    /// - Throws: ``LoaderError`` `verifyMismatch` with the first address that differs, or the region's.
    func verify(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError)

    /// Leaves the loader so that the board may be reset; what belongs to the protocol's end, such as marking an image for
    /// a test boot. Called after all is verified.
    func finish() throws(LoaderError)

    /// Gives back what the session holds besides the board's port. Safe to call twice.
    func close()
}

extension BoardLoader {
    var chipName: String {
        switch method {
        case .loader(let name, _), .tool(let name, _, _), .stub(let name, _): name
        case .rom: "ROM loader"
        }
    }

    func read(_ address: UInt32, _ count: Int) throws(LoaderError) -> [UInt8]? { nil }
    func finish() throws(LoaderError) {}
    func close() {}
}

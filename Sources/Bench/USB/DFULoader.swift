public import BoardProtocols

/// Writes a board through the DFU interface of its USB loader: DFU 1.1, or ST's DfuSe with addresses and sectors.
///
/// The board is known by its port path; that it is still the same one, by its ids, its serial number and, where the
/// loader shows it, its UID. A board that leaves the bus and comes back in time is taken up again if it can be told that
/// it is the same. Lives on the slot's thread and blocks there. The steps stand in the extensions.
///
/// With DFU 1.1 a memory has no addresses: an image starts where the alternate setting does, and ``FlashRegion/offset``
/// only tells the regions of a plan apart. Sources: USB DFU 1.1; ST AN3156.
public final class DFULoader: BoardLoader {
    /// What the product says about its loader.
    public struct Options: Sendable {
        /// How the loader shows up.
        public var loaders: [USBID]
        /// How the firmware shows up that makes way for the loader on request.
        public var firmware: [USBID]
        /// Alternate setting of a region, by its name. Others: setting 0, with DfuSe the one whose memory holds it.
        public var alternates: [String: UInt8]
        /// Where the chip's UID lies; read with DfuSe where the memory map lets it be read.
        public var uidAddress: UInt32?
        /// Length of the UID in bytes.
        public var uidLength: Int
        /// From DETACH or a reset to the device's return.
        public var reenumeration: Duration
        /// How long a board that vanished may take to come back before it counts as lost.
        public var rejoin: Duration
        /// Whether ``DFULoader/finish()`` starts the firmware.
        public var startsFirmware: Bool
        /// Where DfuSe starts it.
        public var startAddress: UInt32

        public init(
            loaders: [USBID], firmware: [USBID] = [], alternates: [String: UInt8] = [:], uidAddress: UInt32? = nil,
            uidLength: Int = 12, reenumeration: Duration = .seconds(10), rejoin: Duration = .milliseconds(1500),
            startsFirmware: Bool = true, startAddress: UInt32 = 0x0800_0000
        ) {
            (self.loaders, self.firmware, self.alternates) = (loaders, firmware, alternates)
            (self.uidAddress, self.uidLength, self.reenumeration) = (uidAddress, uidLength, reenumeration)
            (self.rejoin, self.startsFirmware, self.startAddress) = (rejoin, startsFirmware, startAddress)
        }
    }

    /// The open loader of one board.
    final class Session {
        let handle: USBHandle
        let interface: UInt8
        let function: DFUFunction
        /// By alternate setting; DfuSe only.
        let memories: [UInt8: DfuSeMemory]
        var alternate: UInt8?

        init(handle: USBHandle, interface: UInt8, function: DFUFunction, memories: [UInt8: DfuSeMemory]) {
            (self.handle, self.interface, self.function, self.memories) = (handle, interface, function, memories)
        }
    }

    /// By what a board is known again. The serial number is nil where it is missing or the same on many boards.
    struct Identity: Equatable {
        var serial: String?
        var uid: [UInt8]?
        var isTelling: Bool { serial != nil || uid != nil }
    }

    /// Serial numbers that some of ST's loaders show on every chip.
    static let sharedSerials: Set<String> = ["STM32FxSTM32"]

    public let port: USBBusPort
    let bus: USBBus
    let options: Options
    var session: Session?
    /// Of the board that this object first connected to.
    var identity: Identity?
    private var closedTraffic = (sent: 0, received: 0)
    private var lastMethod = FlashReport.Method.loader(name: "dfu", version: "unknown")

    public init(bus: USBBus, port: USBBusPort, options: Options) {
        (self.bus, self.port, self.options) = (bus, port, options)
    }

    public var traffic: (sent: Int, received: Int) {
        let open = session?.handle.traffic ?? (sent: 0, received: 0)
        return (closedTraffic.sent + open.sent, closedTraffic.received + open.received)
    }
    var baud: Int { 0 }
    var method: FlashReport.Method { lastMethod }
    /// Known after ``connect(onEvent:)``.
    var readsIdentity: Bool { identity?.isTelling ?? true }

    /// Whether flash can be read back. Where it cannot, ``verify(_:onEvent:)`` stands on the status that the board gave
    /// after the last block and sends no `verified` event.
    public var canReadBack: Bool { session?.function.canUpload ?? false }

    /// Memory maps by alternate setting; empty unless the loader speaks DfuSe.
    public var memories: [UInt8: DfuSeMemory] { session?.memories ?? [:] }

    /// Finds the board at its port, brings it into its loader and that to its idle state.
    /// - Throws: ``LoaderError`` `portLost` (nothing there), `wrongChip` (another VID:PID), `portUnavailable`,
    ///   `noResponse` (no return after DETACH), `otherBoard` (not the one of an earlier call), `protocolError`,
    ///   `cancelled`.
    public func connect(onEvent: (FlashEvent) -> Void = { _ in }) throws(LoaderError) {
        disconnect()
        onEvent(.connecting(attempt: 1))
        try join(within: .zero, lost: nil)
        onEvent(.connected(chip: try live().handle.device.id.description))
    }

    func close() { disconnect() }

    /// Closes the device. Safe to call twice.
    public func disconnect() {
        guard let session else { return }
        let traffic = session.handle.traffic
        closedTraffic = (closedTraffic.sent + traffic.sent, closedTraffic.received + traffic.received)
        session.handle.close()
        self.session = nil
    }

    func adopt(_ session: Session) {
        self.session = session
        let version = String(session.function.version, radix: 16)
        let text = "\(version.dropLast(2)).\(version.suffix(2).replacingZeroTail)"
        lastMethod = .loader(
            name: session.function.isDfuSe ? "dfuse" : "dfu",
            version: session.function.canUpload ? text : text + ", without reading back")
    }

    /// The open session, or a new one with the same board.
    func live() throws(LoaderError) -> Session {
        if let session, session.handle.isThere { return session }
        let hadSession = session != nil
        disconnect()
        guard identity != nil else {
            throw LoaderError(.protocolError, "USB \(port): the loader must be connected first")
        }
        try join(
            within: options.rejoin,
            lost: hadSession ? LoaderError(.portLost, "USB \(port): the board was unplugged or reset itself") : nil)
        guard let session else { throw LoaderError(.portLost, "USB \(port): the board was unplugged") }
        return session
    }
}

extension Substring {
    /// "10" as "1": BCD version 0110h reads 1.1.
    fileprivate var replacingZeroTail: Substring { count == 2 && last == "0" ? dropLast() : self }
}

/// One kind of simulated board: what its loader answers, how it boots, what its application says.
///
/// A board is put together from its identity, its flash and its family; see ``SimulatedFamily`` for those there are.
protocol BoardFamily: Sendable {
    /// The rate of loader and console after a reset, in baud.
    var baud: Int { get }

    /// The loader on the board's port as it is after a reset; nil where it is not on the port.
    func loader(_ identity: BoardIdentity, _ flash: FlashChip) -> (any WireModel)?

    /// What the loader speaks on USB, `dfuse` or `dfu`; nil where it is not on USB.
    var usbDialect: String? { get }

    /// What the board prints when it is reset into its loader.
    func loaderLines(afterPowerOn: Bool) -> [String]

    /// Boots from flash.
    func boot(_ flash: FlashChip, _ identity: BoardIdentity) -> BootSequence

    /// What answers the port while the application runs; nil: the lines of ``FirmwareConsole``.
    func application(
        _ identity: BoardIdentity, _ flash: FlashChip, _ version: String
    ) -> (any ApplicationModel)?

    /// What the application prints once it is up, in order; the last line is the profile's ready line.
    func greeting(_ identity: BoardIdentity, version: String) -> [String]

    /// The files of a release, by name.
    func images(version: String) throws(BoardError) -> [String: [UInt8]]

    /// The bytes of flash a new board has, a power of two.
    var flashSize: Int { get }

    /// What a new board's flash holds besides FFh, by offset: modules come with their firmware.
    func factoryFlash() throws(BoardError) -> [(offset: Int, bytes: [UInt8])]
}

extension BoardFamily {
    var baud: Int { 115_200 }
    var usbDialect: String? { nil }
    var flashSize: Int { FlashChip.usualSize }

    func application(
        _ identity: BoardIdentity, _ flash: FlashChip, _ version: String
    ) -> (any ApplicationModel)? { nil }

    func greeting(_ identity: BoardIdentity, version: String) -> [String] {
        ["I (312) app: version \(version)"]
            + (identity.userData.isEmpty ? [] : ["I (316) app: id \(identity.userData)"])
            + ["I (320) app: mac \(identity.macText)", "I (330) app: ready"]
    }

    func factoryFlash() throws(BoardError) -> [(offset: Int, bytes: [UInt8])] { [] }
}

/// The part of a running application that answers on the wire.
protocol ApplicationModel: WireModel {
    /// What happened since it was last asked, oldest first.
    mutating func takeEvents() -> [ApplicationEvent]
    /// The bytes of a line that nobody asked for; none while the application is in the middle of something.
    mutating func unsolicited(_ text: String) -> [UInt8]
}

/// What a running application wants of its board.
enum ApplicationEvent: Equatable, Sendable {
    /// It has joined a network, or left it.
    case joined, left
    /// It resets the board.
    case reset
}

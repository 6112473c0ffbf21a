public import BoardProtocols
public import Provisioning

/// How the boards of one slot are identified and written.
public struct BoardMethod: Sendable {
    enum Kind: Sendable {
        /// By the serial loader of Espressif's chips; see ``BoardMethod/espressif(chip:userBlock:)``.
        case espressif(chip: EspressifChip?, userBlock: Bool)
        /// By another loader that tells which board it is.
        case loader(any LoaderOpening)
        /// By the running firmware, which tells which board it is.
        case application(ApplicationMethod)
    }

    let kind: Kind

    init(_ kind: Kind) { self.kind = kind }

    /// By the serial loader of Espressif's chips.
    /// - Parameters:
    ///   - chip: another one is an error; nil takes any.
    ///   - userBlock: whether eFuse BLOCK3 is read, where an SN or IMEI may stand.
    public static func espressif(chip: EspressifChip? = nil, userBlock: Bool = false) -> BoardMethod {
        BoardMethod(.espressif(chip: chip, userBlock: userBlock))
    }

    /// Whether the running firmware is asked who it is, not a loader.
    public var isApplication: Bool { if case .application = kind { true } else { false } }
}

/// Opens a session with a loader.
protocol LoaderOpening: Sendable {
    /// Whether the loader is reached through the board's serial port.
    var usesPort: Bool { get }
    /// Whether somebody else opens the port meanwhile, so that it must be free.
    var freesPort: Bool { get }
    /// The parity of the loader's line; a firmware's console has none.
    var parity: SerialParity { get }

    /// Opens a session with the board in its loader, on the slot's thread.
    /// - Parameter link: the board's port, open; nil where ``usesPort`` is false.
    /// - Throws: ``LoaderError``.
    func open(_ link: (any BoardLink)?) throws(LoaderError) -> any BoardLoader
}

extension LoaderOpening {
    var parity: SerialParity { .none }
    var freesPort: Bool { false }
}

/// Boards whose identity only their running firmware tells.
struct ApplicationMethod: Sendable {
    /// Asks the firmware who it is.
    let reader: any ApplicationReading
    /// Writes the flash; nil where the firmware comes with the board.
    let writer: (any LoaderOpening)?
    /// Whether the board leaves its firmware to be written. Its loader cannot tell who it is then, and an unbroken chain of
    /// port and time takes the place of a reading.
    let needsLoader: Bool
    /// Writes the credential through the running firmware; nil where it is a region of the plan.
    let credential: (any ApplicationCredential)?
    /// Reads and writes the unit tag; nil where the firmware keeps none.
    var tag: (any ApplicationTag)?
}

/// Asks the running firmware of a board who it is.
protocol ApplicationReading: Sendable {
    /// Waits for the firmware and reads it, each value twice.
    /// - Parameter limit: how long the firmware may take until it answers.
    /// - Throws: ``LoaderError``.
    func read(_ link: any BoardLink, within limit: Duration) throws(LoaderError) -> BoardReading
}

/// Writes the product credential through the running firmware.
protocol ApplicationCredential: Sendable {
    /// Writes it where the board does not hold it already, and proves what the board holds.
    /// - Returns: whether it was written.
    /// - Throws: ``LoaderError``; `verifyMismatch` where the proof fails. Never quotes the secret.
    func write(_ link: any BoardLink, _ credential: ProductCredential) throws(LoaderError) -> Bool
}

/// The unit tag in the keeping of the running firmware.
protocol ApplicationTag: Sendable {
    /// The board's tag; nil where it has none, or something else under the tag's name.
    /// - Throws: ``LoaderError``.
    func read(_ link: any BoardLink) throws(LoaderError) -> String?
    /// Writes the tag where the board does not carry it already, and reads it back.
    /// - Throws: ``LoaderError``; `verifyMismatch` where it does not read back as written.
    func write(_ link: any BoardLink, _ tag: String) throws(LoaderError)
}

/// The product credential on its way to a board.
public struct ProductCredential: Sendable {
    public let productKey: String
    public let productSecret: Secret

    public init(productKey: String, productSecret: Secret) {
        (self.productKey, self.productSecret) = (productKey, productSecret)
    }
}

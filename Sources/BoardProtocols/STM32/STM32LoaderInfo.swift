/// What a loader answers to ``STM32Command/get``: its version and the commands it knows.
public struct STM32LoaderInfo: Sendable, Equatable {
    /// Two binary-coded digits: 31h is version 3.1.
    public let version: UInt8
    /// The codes of the commands it knows, also those this enumeration does not name.
    public let codes: [UInt8]

    public init(version: UInt8, codes: [UInt8]) {
        self.version = version
        self.codes = codes
    }

    /// Reads the bytes between the two acknowledgements: count of the bytes that follow less one, version, codes.
    /// nil where the count does not fit or a code stands twice, as in a damaged answer.
    public init?(parsing bytes: [UInt8]) {
        guard bytes.count >= 3, Int(bytes[0]) == bytes.count - 2, Set(bytes[2...]).count == bytes.count - 2,
            bytes[2] == STM32Command.get.rawValue
        else { return nil }
        self.init(version: bytes[1], codes: Array(bytes[2...]))
    }

    /// The bytes between the two acknowledgements.
    public var bytes: [UInt8] { [UInt8(codes.count), version] + codes }

    public func knows(_ command: STM32Command) -> Bool { codes.contains(command.rawValue) }

    /// `3.1`.
    public var versionText: String { "\(version >> 4).\(version & 15)" }

    /// The product id out of the bytes between the two acknowledgements of ``STM32Command/getID``: 01h and two bytes.
    /// nil for anything else.
    public static func productID(parsing bytes: [UInt8]) -> UInt16? {
        guard bytes.count == 3, bytes[0] == 1 else { return nil }
        return UInt16(bytes[1]) << 8 | UInt16(bytes[2])
    }
}

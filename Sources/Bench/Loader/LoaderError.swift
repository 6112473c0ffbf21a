public import BoardProtocols

/// Why a board could not be identified, written or verified. Carries what an operator's sentence and the journal need;
/// never image contents.
public struct LoaderError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What failed; the execution engine turns these into failure codes.
    public enum Kind: String, Sendable, CaseIterable {
        /// The port is there and could not be opened (busy, no permission).
        case portUnavailable
        /// The port is not there, or went away while in use.
        case portLost
        /// Nothing that belongs to the protocol came back in time.
        case noResponse
        /// Bytes came back, but damaged: wrong rate, bad cable, bad power.
        case noise
        /// Another chip than the profile's.
        case wrongChip
        /// Secure download mode: the board cannot be read or written this way.
        case securityLocked
        /// Two readings on one connection differ, or a reading differs from the one before: maybe another board.
        case otherBoard
        /// The port came back as another device than the one that left.
        case portChanged
        /// The flash chip does not answer or is too small.
        case flashChip
        /// The stub's file is missing or unusable, or the stub does not start; for an external program: it is missing,
        /// not the one expected, or does not start.
        case stub
        /// No rate works: even the lowest one failed after the change.
        case baud
        /// The erase did not end within the time its size allows.
        case eraseTimeout
        /// A block could not be written after all tries.
        case blockWrite
        /// Flash does not hold what was written.
        case verifyMismatch
        /// An external flasher is missing, is not the one the profile names, or cannot be run.
        case tool
        /// The running firmware refused the product credential.
        case credentialRefused
        /// The loader refused a command or answered something impossible.
        case protocolError
        /// The task was cancelled.
        case cancelled
    }

    public let kind: Kind
    /// What happened, with expected and received values, and what to do where that is known.
    public let sentence: String
    /// The command under way.
    public var command: EspressifCommand?
    /// Name of the region under way.
    public var region: String?
    /// Flash or register address concerned.
    public var address: UInt32?
    /// MD5, chip name, MAC: whatever was expected.
    public var expected: String?
    public var received: String?
    /// The loader's own reason where it refused.
    public var reason: EspressifReason?

    public init(
        _ kind: Kind, _ sentence: String, command: EspressifCommand? = nil, region: String? = nil,
        address: UInt32? = nil, expected: String? = nil, received: String? = nil, reason: EspressifReason? = nil
    ) {
        self.kind = kind
        self.sentence = sentence
        self.command = command
        self.region = region
        self.address = address
        self.expected = expected
        self.received = received
        self.reason = reason
    }

    /// A port error seen by the loader.
    init(_ error: LinkError) {
        switch error.code {
        case .lost, .absent: self.init(.portLost, error.description)
        case .cancelled: self.init(.cancelled, "cancelled")
        case .writeTimeout: self.init(.noResponse, error.description)
        case .address, .busy, .permission, .notATerminal, .system:
            self.init(.portUnavailable, error.description)
        case .baud: self.init(.baud, error.description)
        }
    }

    /// True where a slower line may help: damaged or missing answers, not a board that says what is wrong.
    public var mayHealAtLowerBaud: Bool {
        switch kind {
        case .noResponse, .noise, .baud, .eraseTimeout: true
        case .blockWrite, .stub, .protocolError: reason.map(Self.isTransmission) ?? (kind == .blockWrite)
        default: false
        }
    }

    /// True for refusals that a damaged transmission explains.
    static func isTransmission(_ reason: EspressifReason) -> Bool {
        [.badChecksum, .stubChecksum, .badMessage, .stubDataLength].contains(reason)
    }

    public var description: String {
        var text = "\(kind.rawValue): \(sentence)"
        if let region { text += ", region \(region)" }
        if let address { text += ", address 0x\(String(address, radix: 16))" }
        return text
    }
}

public import Provisioning

/// How a running application is asked over SMP which board it is.
///
/// Every value is read twice; readings that differ are an error, never an identity.
public struct SMPIdentity: Sendable, Equatable {
    /// Where a value comes from.
    public enum Source: Sendable, Equatable {
        /// What a command of the firmware's shell prints, line by line.
        case shell([String])
        /// A setting: its text, or the upper-case hex of bytes that are no text.
        case setting(String)
        /// The OS info with these format letters.
        case osInfo(format: String)
    }

    /// One value: the first line of the source in which the pattern is found, and what its first group took there.
    public struct Query: Sendable, Equatable {
        public let source: Source
        public let pattern: ConsolePattern

        public init(_ source: Source, _ pattern: ConsolePattern) { (self.source, self.pattern) = (source, pattern) }
    }

    /// The chip's name for the reading: SMP does not tell it.
    public let chip: String
    /// The chip's own id, in hexadecimal digits; nil where the firmware does not tell it.
    public let deviceID: Query?
    /// The identity: IMEI, SN, MAC or ICCID as text.
    public let identity: Query?

    /// - Parameters:
    ///   - deviceID: for most firmware ``hardwareID()``; nil takes the identity's bytes as UID, which is then not
    ///     independent of it.
    ///   - identity: nil where the device id itself names the board.
    public init(chip: String, deviceID: Query?, identity: Query?) {
        (self.chip, self.deviceID, self.identity) = (chip, deviceID, identity)
    }

    /// Zephyr's shell command `hwinfo devid`, which prints `Length: 8` and `ID: 0x0011223344556677`.
    /// - Throws: never in practice: the pattern is a constant.
    public static func hardwareID() throws(ConsolePattern.PatternError) -> Query {
        Query(.shell(["hwinfo", "devid"]), try ConsolePattern("ID: 0x([0-9A-Fa-f]+)"))
    }

    /// Reads the board.
    /// - Returns: `uid` from the device id with source `chip`, `identityText` as found; no MAC.
    /// - Throws: ``LoaderError`` `otherBoard` where two readings differ, `protocolError` where a value is missing or
    ///   is no id, and those of the exchange.
    public func read(_ session: SMPSession) throws(LoaderError) -> BoardReading {
        let text = try identity.map { query throws(LoaderError) in try steadily(query, "identity", session) }
        let id = try deviceID.map { query throws(LoaderError) in try steadily(query, "device id", session) }
        var reading = BoardReading(
            chip: chip, mac: [], uid: Array((text ?? "").utf8), uidSource: .mac, identityText: text ?? id,
            flashID: nil, addressCount: 1)
        if let id {
            reading.uid = try Self.bytes(id)
            reading.uidSource = .chip
        }
        guard !reading.uid.isEmpty else {
            throw LoaderError(.protocolError, "the profile names neither a device id nor an identity to read")
        }
        return reading
    }

    private func steadily(_ query: Query, _ name: String, _ session: SMPSession) throws(LoaderError) -> String {
        let first = try value(query, name, session)
        let second = try value(query, name, session)
        guard first == second else {
            throw LoaderError(
                .otherBoard,
                "two readings of the \(name) differ, \(first) and \(second): the board was changed or its firmware "
                    + "is unsteady", expected: first, received: second)
        }
        return first
    }

    private func value(_ query: Query, _ name: String, _ session: SMPSession) throws(LoaderError) -> String {
        let output: String
        switch query.source {
        case .shell(let words):
            let run = try session.runShell(words)
            guard run.result == 0 else {
                throw LoaderError(
                    .protocolError,
                    "\"\(words.joined(separator: " "))\" failed on the board with \(run.result): check "
                        + "the profile and the firmware", received: "\(run.result)")
            }
            output = run.output
        case .setting(let key):
            guard let bytes = try session.readSetting(key) else {
                throw LoaderError(.protocolError, "the board has no setting \(key) for its \(name)")
            }
            output = Self.text(bytes)
        case .osInfo(let format):
            guard let info = try session.readOSInfo(format: format) else {
                throw LoaderError(.protocolError, "the board does not answer OS info for its \(name)")
            }
            output = info
        }
        var lines = ConsoleLines()
        var found = lines.push(Array(output.utf8))
        if let rest = lines.flush() { found.append(rest) }
        for line in found {
            if let value = query.pattern.capture(in: line), !value.isEmpty { return value }
        }
        throw LoaderError(
            .protocolError, "no line of the board's answer shows its \(name) as \(query.pattern): check the profile",
            expected: query.pattern.text, received: String(found.joined(separator: " | ").prefix(200)))
    }

    /// Text without its closing NULs, or hex.
    private static func text(_ bytes: [UInt8]) -> String {
        var bytes = bytes
        while bytes.last == 0 { bytes.removeLast() }
        let isText = !bytes.isEmpty && bytes.allSatisfy { (0x20..<0x7F).contains($0) }
        return isText ? String(decoding: bytes, as: UTF8.self) : Digest.hex(bytes).uppercased()
    }

    /// The bytes of an id in hexadecimal digits. An id of all zeros or all ones is none.
    private static func bytes(_ hex: String) throws(LoaderError) -> [UInt8] {
        let digits = hex.hasPrefix("0x") ? hex.dropFirst(2) : hex[...]
        let values = digits.compactMap(\.hexDigitValue)
        guard values.count == digits.count, values.count.isMultiple(of: 2), (8...64).contains(values.count) else {
            throw LoaderError(
                .protocolError, "the device id is no hexadecimal number of 4 to 32 bytes", received: hex)
        }
        let bytes = stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
        guard !bytes.allSatisfy({ $0 == 0 }), !bytes.allSatisfy({ $0 == 0xFF }) else {
            throw LoaderError(.protocolError, "the device id is blank: the chip has none", received: hex)
        }
        return bytes
    }
}

import BoardProtocols
import Provisioning

/// Reads who a module is.
///
/// Answers carry no check value, so every value is read twice, the second time in opposite order, and both must agree;
/// what agrees must have the form of its kind, check digit included. Anything else is an error, never an identity.
public struct ATIdentity: Sendable, Equatable {
    public let board: BoardReading
    /// The firmware's version as the module states it; nil where it is not asked for.
    public let firmware: String?

    /// - Throws: ``LoaderError`` `noise` for readings that keep differing, `protocolError` for a value of the wrong
    ///   form or a refused command (a missing SIM card is refused with +CME ERROR: 10), and those of the exchange.
    public static func read(
        _ commands: ATIdentityCommands, from session: ATSession
    ) throws(LoaderError) -> ATIdentity {
        for _ in 0..<3 {
            let first = try Values(commands, session, reversed: false)
            let second = try Values(commands, session, reversed: true)
            if first == second { return try first.judged(commands) }
            session.isOutOfStep = true
        }
        throw LoaderError(
            .noise, "three pairs of readings of the module's identity differed: check cable, rate and power")
    }

    /// How long a module may take to state a value: makers' manuals say 300 ms, SIM cards take longer.
    private static let limit = Duration.seconds(2)

    /// One reading of everything, as the module states it.
    private struct Values: Equatable {
        var mac: [UInt8] = []
        var text: String?
        var iccid: String?
        var serial: String?
        var model = ""
        var firmware: String?

        init(_ commands: ATIdentityCommands, _ session: ATSession, reversed: Bool) throws(LoaderError) {
            if !reversed {
                try readIdentity(commands.identity, session)
                try readRest(commands, session)
            } else {
                try readRest(commands, session)
                try readIdentity(commands.identity, session)
            }
        }

        private mutating func readIdentity(
            _ identity: ATIdentityCommands.Identity, _ session: ATSession
        ) throws(LoaderError) {
            switch identity {
            case .imei(let command):
                text = try session.query(command, bare: true, timeout: ATIdentity.limit, value: ATParse.imei)
            case .mac(let command): mac = try session.query(command, timeout: ATIdentity.limit, value: ATParse.mac)
            case .sn(let command, let pattern):
                text = try session.query(command, bare: true, timeout: ATIdentity.limit) { lines in
                    let found = Set(lines.compactMap { pattern.capture(in: $0) })
                    return found.count == 1 ? found.first : nil
                }
            }
        }

        private mutating func readRest(
            _ commands: ATIdentityCommands, _ session: ATSession
        ) throws(LoaderError) {
            model = try session.query(commands.modelCommand, bare: true, timeout: ATIdentity.limit, value: ATParse.text)
            if let command = commands.firmwareCommand {
                firmware = try session.query(command, bare: true, timeout: ATIdentity.limit) { lines in
                    lines.isEmpty ? nil : lines.joined(separator: "; ")
                }
            }
            if let command = commands.serialCommand {
                serial = try session.query(command, bare: true, timeout: ATIdentity.limit, value: ATParse.serial)
            }
            if let command = commands.iccidCommand {
                iccid = try session.query(command, bare: true, timeout: ATIdentity.limit, value: ATParse.iccid)
            }
        }

        /// The reading with every form checked.
        func judged(_ commands: ATIdentityCommands) throws(LoaderError) -> ATIdentity {
            var board = BoardReading(
                chip: model, mac: mac, uid: mac, uidSource: .mac, identityText: text, flashID: nil,
                addressCount: commands.addressCount)
            do {
                switch commands.identity {
                case .imei: board.identityText = try IMEI(text ?? "").digits
                case .mac: board.mac = try MACAddress(octets: mac).octets
                case .sn: board.identityText = try SerialNumber(text ?? "").text
                }
                if let iccid { board.iccid = try ICCID(iccid).digits }
            } catch {
                throw LoaderError(
                    .protocolError, "the module states an impossible identity: \(error)", expected: error.expected,
                    received: error.received)
            }
            if let serial, isIndependent(serial) {
                (board.uid, board.uidSource) = (Array(serial.utf8), .module)
            } else if let text = board.identityText {
                (board.uid, board.uidSource) = (Array(text.utf8), .identity)
            }
            return ATIdentity(board: board, firmware: firmware)
        }

        /// Old modules ignore AT+CGSN's argument and state the IMEI again, or its IMEISV: that is no number of its own.
        private func isIndependent(_ serial: String) -> Bool {
            guard let text else { return serial.uppercased().filter(\.isHexDigit) != Digest.hex(mac).uppercased() }
            return !serial.contains(text.prefix(14)) && !text.contains(serial)
        }
    }
}

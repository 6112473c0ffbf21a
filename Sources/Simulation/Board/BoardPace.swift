/// How fast bytes pass between a simulated board and its client.
public enum BoardPace: Hashable, Sendable, Codable {
    /// At once.
    case unpaced
    /// 10 bit times a byte at the rate the UART is set to.
    case real
    /// 10 bit times a byte at this rate in baud, whatever the UART is set to.
    case fixed(Int)

    /// Reads `real` or a rate in baud.
    /// - Throws: ``BoardError`` with code `input`.
    public init(parsing text: String) throws(BoardError) {
        if text == "real" {
            self = .real
        } else if let baud = Int(text), (300...10_000_000).contains(baud) {
            self = .fixed(baud)
        } else {
            throw BoardError(.input, "pace \"\(text)\": expected real or a rate from 300 to 10000000 baud")
        }
    }

    /// `"real"`, a number, or null.
    public init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        if box.decodeNil() {
            self = .unpaced
        } else if let number = try? box.decode(Int.self) {
            self = try BoardPace(parsing: String(number))
        } else {
            self = try BoardPace(parsing: try box.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        switch self {
        case .unpaced: try box.encodeNil()
        case .real: try box.encode("real")
        case .fixed(let baud): try box.encode(baud)
        }
    }
}

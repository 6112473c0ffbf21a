/// A fixture relay at a serial port of its own.
///
/// As text: `serial:///dev/PATH?baud=9600&on=A00101A2&off=A00100A1`. With bytes (hexadecimal) for `on` and `off` they
/// are sent and nothing is awaited, which suits the usual USB relay boards; `run` and `loader` may have bytes too, and
/// are otherwise off, half a second, on: how the board then starts is for its straps to say. Without any bytes the
/// relay talks in lines as the fixture at a socket does: `action LF`, answered by `ok LF` or `error TEXT LF`. Several
/// slots may share one relay by bytes; each action opens the port and closes it.
public struct SerialRelay: Sendable, Equatable {
    /// How long the board stays without power where an action is made of off and on.
    static let offTime = Duration.milliseconds(500)

    /// The device's path.
    public let path: String
    /// Bits a second; 9600 where the text does not say.
    public let baud: Int
    /// What is sent for an action; empty for a relay that talks in lines.
    public let bytes: [PowerAction: [UInt8]]

    /// Reads the text form.
    /// - Throws: ``LinkError`` `address`, saying which part is wrong.
    public init(_ text: String) throws(LinkError) {
        func refuse(_ sentence: String) -> LinkError { LinkError(.address, port: text, sentence) }
        guard text.hasPrefix("serial:///") else { throw refuse("expected serial:///dev/PATH?baud=9600&on=HEX&off=HEX") }
        let parts = text.dropFirst("serial://".count).split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var baud = 9600
        var bytes: [PowerAction: [UInt8]] = [:]
        for option in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2, pair[0] == "baud" {
                guard let number = Int(pair[1]), (300...4_000_000).contains(number) else {
                    throw refuse("baud is \(pair[1]): expected a rate from 300 to 4000000")
                }
                baud = number
            } else if pair.count == 2, let action = PowerAction(rawValue: String(pair[0])) {
                guard let value = Self.hex(pair[1]) else {
                    throw refuse(
                        "\(action.rawValue) is \"\(pair[1])\": expected bytes in hexadecimal, such as A00101A2")
                }
                bytes[action] = value
            } else {
                throw refuse("\"\(option)\" is not known: expected baud, on, off, run or loader")
            }
        }
        guard parts[0].count > 1 else { throw refuse("expected a device's path after serial://") }
        guard bytes.isEmpty || bytes[.on] != nil && bytes[.off] != nil else {
            throw refuse("expected bytes for both on and off, or for no action")
        }
        (path, self.baud, self.bytes) = (String(parts[0]), baud, bytes)
    }

    /// What is sent for `action`, in order.
    func steps(_ action: PowerAction) -> [[UInt8]] {
        if let own = bytes[action] { return [own] }
        return [bytes[.off] ?? [], bytes[.on] ?? []]
    }

    private static func hex(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty, text.count % 2 == 0, text.count <= 128 else { return nil }
        var bytes: [UInt8] = []
        var rest = text
        while !rest.isEmpty {
            guard rest.prefix(2).allSatisfy(\.isHexDigit), let byte = UInt8(rest.prefix(2), radix: 16) else {
                return nil
            }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}

import BoardProtocols
import Provisioning

/// What is burnt into a simulated board: the values its eFuses hold.
public struct BoardIdentity: Hashable, Sendable {
    /// The factory MAC, 6 octets in printed order. Any octets can be burnt: bad ones are what the station must catch.
    public var mac: [UInt8]
    /// OPTIONAL_UNIQUE_ID of BLOCK2, 16 bytes.
    public var uid: [UInt8]
    /// What the flash chip answers to "read unique id" (4Bh), 8 bytes; the first half of ``uid`` where none is given.
    public var flashUID: [UInt8]
    /// What BLOCK3 holds, ASCII, at most 24 bytes: the SN or the IMEI; empty where neither is given.
    public var userData: String

    /// - Throws: ``BoardError`` with code `input` when `mac` is not 6, `uid` not 16 or `flashUID` not 8 bytes, or SN or
    ///   IMEI does not fit into BLOCK3.
    public init(
        mac: [UInt8], uid: [UInt8], flashUID: [UInt8]? = nil, sn: String? = nil, imei: String? = nil
    ) throws(BoardError) {
        guard mac.count == 6 else { throw BoardError(.input, "mac: expected 6 bytes, received \(mac.count)") }
        guard uid.count == 16 else { throw BoardError(.input, "uid: expected 16 bytes, received \(uid.count)") }
        let flashUID = flashUID ?? Array(uid.prefix(8))
        guard flashUID.count == 8 else {
            throw BoardError(.input, "flash unique id: expected 8 bytes, received \(flashUID.count)")
        }
        guard sn == nil || imei == nil else {
            throw BoardError(.input, "sn and imei are both given, but eFuse BLOCK3 holds one of them; leave one out")
        }
        let user = sn ?? imei ?? ""
        guard user.utf8.count <= 24, user.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw BoardError(.input, "sn or imei \"\(user)\": expected at most 24 printable ASCII characters")
        }
        self.mac = mac
        self.uid = uid
        self.flashUID = flashUID
        userData = user
    }

    /// Reads `mac=…,uid=HEX32[,flash=HEX16][,sn=…][,imei=…]`.
    /// - Throws: ``BoardError`` with code `input`, naming the part that cannot be used.
    public init(parsing text: String) throws(BoardError) {
        var parts: [String: String] = [:]
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2, ["mac", "uid", "flash", "sn", "imei"].contains(pair[0]), parts[pair[0]] == nil else {
                throw BoardError(
                    .input, "identity part \"\(part)\": expected mac=, uid=, flash=, sn= or imei=, each once")
            }
            parts[pair[0]] = pair[1]
        }
        let mac = try Self.mac(parts["mac"] ?? "")
        let uid = try parts["uid"].map(Self.uid) ?? Self.uid(madeFrom: mac)
        var flash: [UInt8]?
        if let text = parts["flash"] { flash = try Self.octets(text, count: 8, named: "flash") }
        try self.init(mac: mac, uid: uid, flashUID: flash, sn: parts["sn"], imei: parts["imei"])
    }

    /// Reads `AABBCCDDEEFF`, also with colons or dashes, without judging the address.
    static func mac(_ text: String) throws(BoardError) -> [UInt8] {
        try octets(text.filter { $0 != ":" && $0 != "-" }, count: 6, named: "mac")
    }

    /// Reads 32 hexadecimal digits.
    static func uid(_ text: String) throws(BoardError) -> [UInt8] { try octets(text, count: 16, named: "uid") }

    private static func octets(_ text: String, count: Int, named name: String) throws(BoardError) -> [UInt8] {
        let digits = text.compactMap { $0.isASCII ? $0.hexDigitValue : nil }
        guard digits.count == 2 * count, text.count == 2 * count else {
            throw BoardError(.input, "\(name) \"\(text)\": expected \(2 * count) hexadecimal digits")
        }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// A unique id for a board of which only the MAC is given; the same for the same MAC.
    static func uid(madeFrom mac: [UInt8]) -> [UInt8] {
        var noise = LineNoise(seed: mac.reduce(0) { $0 << 8 | UInt64($1) })
        return LittleEndian.bytes(noise.next()) + LittleEndian.bytes(noise.next())
    }

    /// `AA:BB:CC:DD:EE:FF`, as the firmware prints it.
    var macText: String { mac.map { hex(Int($0), digits: 2).uppercased() }.joined(separator: ":") }

    /// Every identity the firmware could name itself by.
    var identities: [Identity] {
        var found: [Identity] = []
        if let address = try? MACAddress(octets: mac) { found.append(.mac(address)) }
        if let imei = try? IMEI(userData) { found.append(.imei(imei)) }
        if let number = try? SerialNumber(userData) { found.append(.sn(number)) }
        return found
    }
}

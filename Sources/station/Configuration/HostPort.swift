/// A TCP endpoint, written `host:port`; an IPv6 address stands in brackets.
struct HostPort: Hashable, Sendable, CustomStringConvertible {
    let host: String
    /// 1 to 65535.
    let port: Int

    init(host: String, port: Int) {
        (self.host, self.port) = (host, port)
    }

    /// Reads `host:port` or `[address]:port`; nil for anything else.
    /// - Parameter mark: a placeholder that a host name may hold, such as `{PK}`.
    init?(_ text: String, allowing mark: String? = nil) {
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || ":.%".contains($0) }) else { return nil }
        } else {
            let name = mark.map { host.replacing($0, with: "") } ?? host
            guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }) else {
                return nil
            }
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }

    /// Reads `socket://host:port`; nil for anything else.
    init?(socketURL text: String) {
        guard text.hasPrefix(Self.scheme) else { return nil }
        self.init(String(text.dropFirst(Self.scheme.count)))
    }

    /// `socket://host:port`.
    var socketURL: String { Self.scheme + description }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether a host name or address means this machine itself.
    static func isLoopback(_ host: String) -> Bool {
        if ["localhost", "::1", "[::1]"].contains(host.lowercased()) { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }

    private static let scheme = "socket://"

    private static func port(_ text: Substring) -> Int? {
        guard (1...5).contains(text.count), text.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(text),
            (1...65535).contains(port)
        else { return nil }
        return port
    }
}

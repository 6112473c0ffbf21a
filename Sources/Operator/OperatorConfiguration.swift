/// Where the operator's page and its API are served, and how.
public struct OperatorConfiguration: Hashable, Sendable {
    /// What the connection is encrypted with.
    public enum TLS: Hashable, Sendable {
        /// Not at all: on this machine's own addresses only.
        case off
        /// With the certificate that the station makes for itself at its first start and keeps in its data folder.
        case own
        /// With a certificate (chain) and key of the plant, as PEM files.
        case files(certificate: String, key: String)
    }

    /// What the page speaks first; one key shows the other one.
    public enum Language: String, Sendable, CaseIterable { case zh, en }

    /// How long a person may do nothing before being signed off, in minutes.
    public static let idleMinutes = 1...480

    /// Address it listens on: loopback unless the station is opened to the network.
    public var host: String
    /// 0 = one that is free.
    public var port: Int
    public var tls: TLS
    /// Minutes without a scan or a button after which a person is signed off. Default 15.
    public var idleMinutes: Int
    public var language: Language

    public init(
        host: String = "127.0.0.1", port: Int = 8080, tls: TLS = .off, idleMinutes: Int = 15, language: Language = .zh
    ) {
        (self.host, self.port, self.tls) = (host, port, tls)
        (self.idleMinutes, self.language) = (idleMinutes, language)
    }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool { Self.isLoopback(host) }

    /// Whether a request was sent to a name of this page's own: on loopback nobody else's name may stand for it.
    func isOwn(authority: String?) -> Bool {
        guard isLoopback else { return true }
        guard let authority else { return false }
        let isNumbered = authority.hasSuffix("]") == false && authority.contains(":")
        let host = isNumbered ? String(authority[..<(authority.lastIndex(of: ":") ?? authority.endIndex)]) : authority
        return Self.isLoopback(host)
    }

    /// Whether a host name or address means this machine itself.
    public static func isLoopback(_ host: String) -> Bool {
        if ["localhost", "::1", "[::1]"].contains(host.lowercased()) { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }
}

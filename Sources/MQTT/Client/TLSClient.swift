import NIOCore
import NIOSSL

/// How a client checks the server's certificate: always the whole chain and the name, against a PEM file or the
/// system's store.
///
/// There is no way to switch verification off. The server's name goes into the handshake (SNI) when the host is a name;
/// for an IP address there is none, and the certificate must carry that address.
public struct TLSClient: Sendable {
    /// Where the trusted authorities come from; nil = the system's store.
    public let caFile: String?
    private let context: NIOSSLContext

    /// Reads the trust roots once; use the value for any number of connections.
    ///
    /// - Parameter caFile: PEM file with one or more authorities; nil = the system's store. With a file, the system's
    ///   store is not consulted.
    /// - Throws: ``ConnectionError`` with code `.tls` if the file cannot be read or holds no certificate.
    public init(caFile: String? = nil) throws(ConnectionError) {
        self.caFile = caFile
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .fullVerification
        configuration.minimumTLSVersion = .tlsv12
        // A peer that never answers close_notify must not hold the closing side for NIO's default of 5 s.
        configuration.shutdownTimeout = .seconds(1)
        do {
            if let caFile {
                let roots = try NIOSSLCertificate.fromPEMFile(caFile)
                guard !roots.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
                configuration.trustRoots = .certificates(roots)
            }
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            let source = caFile.map { "the CA file \($0)" } ?? "the system's CA store"
            throw ConnectionError(.tls, "No authority could be read from \(source): it must be a readable PEM file.")
        }
    }

    func makeHandler(host: String) throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: context, serverHostname: Self.serverName(of: host))
    }

    /// The name for SNI (RFC 6066, 3: host names only, no final dot), or nil for an IP address.
    static func serverName(of host: String) -> String? {
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        return isAddress || name.isEmpty ? nil : name
    }
}

import Crypto
import CryptoExtras
import Foundation
import NIOCore
import SwiftASN1
import X509

/// The stand-in's own certificate authority: one RSA key, server certificates for a simulated platform.
///
/// In a folder it keeps `ca.pem` (for clients to trust) and `ca.key` (0600), and is taken up again from there, so that
/// boards which trust it still do after the stand-in was restarted.
struct CertificateAuthority: Sendable {
    let certificate: Certificate
    private let key: _RSA.Signing.PrivateKey

    /// How long certificates are valid. They begin a day in the past, since a line PC's clock may lag.
    static let validity: TimeInterval = 10 * 365 * 86400
    static let backdating: TimeInterval = 86400

    /// Takes up the authority kept in `directory`, or makes one and keeps it there. Blocks while a key is made.
    init(directory: String) throws {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let (certificatePath, keyPath) = (Self.certificatePath(in: directory), "\(directory)/ca.key")
        if let pem = try? String(contentsOfFile: certificatePath, encoding: .utf8),
            let keyPEM = try? String(contentsOfFile: keyPath, encoding: .utf8),
            let certificate = try? Certificate(pemEncoded: pem), certificate.notValidAfter > Date(),
            let key = try? _RSA.Signing.PrivateKey(pemRepresentation: keyPEM),
            certificate.publicKey == Certificate.PublicKey(key.publicKey)
        {
            (self.certificate, self.key) = (certificate, key)
            return
        }
        key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let name = try DistinguishedName { CommonName("Provisioning Station simulated cloud CA") }
        let publicKey = Certificate.PublicKey(key.publicKey)
        certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: publicKey, notValidBefore: Date() - Self.backdating,
            notValidAfter: Date() + Self.validity, issuer: name, subject: name,
            signatureAlgorithm: .sha256WithRSAEncryption,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: publicKey)
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
        try PrivateFile.replace(keyPath, with: Array(key.pemRepresentation.utf8))
        let pem = try certificate.serializeAsPEM().pemString + "\n"
        try PrivateFile.replace(certificatePath, with: Array(pem.utf8), mode: 0o644)
    }

    /// Where the certificate for clients stands.
    static func certificatePath(in directory: String) -> String { "\(directory)/ca.pem" }

    /// Issues a server certificate for `localhost`, `127.0.0.1`, `::1` and `names`, each a host name or an address.
    /// - Parameter valid: from when and until when; nil = from a day ago, as long as the authority.
    func issue(names: [String], valid: Range<Date>? = nil) throws -> ServerIdentity {
        try issue(onlyFor: ["localhost", "127.0.0.1", "::1"] + names, valid: valid)
    }

    /// The same for `names` alone.
    func issue(onlyFor names: [String], valid: Range<Date>? = nil) throws -> ServerIdentity {
        let serverKey = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        var alternatives: [GeneralName] = []
        var taken: Set<String> = []
        for name in names where taken.insert(name).inserted {
            alternatives.append(Self.generalName(name))
        }
        let publicKey = Certificate.PublicKey(serverKey.publicKey)
        let issued = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: publicKey,
            notValidBefore: valid?.lowerBound ?? Date() - Self.backdating,
            notValidAfter: valid?.upperBound ?? certificate.notValidAfter, issuer: certificate.subject,
            subject: try DistinguishedName { CommonName("localhost") }, signatureAlgorithm: .sha256WithRSAEncryption,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                // Static-RSA suites encrypt to this key, so it must say keyEncipherment.
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(alternatives)
                SubjectKeyIdentifier(hash: publicKey)
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
        return ServerIdentity(certificate: issued, authority: certificate, key: serverKey)
    }

    private static func generalName(_ name: String) -> GeneralName {
        guard let address = try? SocketAddress(ipAddress: name, port: 0) else { return .dnsName(name) }
        var bytes: [UInt8]
        switch address {
        case .v4(let v4): bytes = withUnsafeBytes(of: v4.address.sin_addr) { Array($0) }
        case .v6(let v6): bytes = withUnsafeBytes(of: v6.address.sin6_addr) { Array($0) }
        case .unixDomainSocket: bytes = []
        }
        return .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
    }
}

import Crypto
import Foundation
import Glibc
import NIOCore
import NIOSSL
import SwiftASN1
import X509

/// What the page's TLS shows: a plant's certificate, or the station's own, made at the first start.
///
/// The station's own lies in `DATA/tls`: `station.pem` for clients to trust, `station.key` (0600). It names the host it
/// listens on, this machine's name and the loopback addresses, is valid for ten years, and is made again when it has
/// run out or names another host.
enum ServerCertificate {
    /// Ten years, begun a day in the past, since a line PC's clock may lag.
    static let validity: TimeInterval = 10 * 365 * 86400
    static let backdating: TimeInterval = 86400

    /// nil where there is to be no TLS. Blocks.
    /// - Throws: ``OperatorError`` for files that cannot be used.
    static func configuration(
        _ tls: OperatorConfiguration.TLS, host: String, folder: String
    ) throws -> TLSConfiguration? {
        let (certificate, key): (String, String)
        switch tls {
        case .off: return nil
        case .files(let certificateFile, let keyFile): (certificate, key) = (certificateFile, keyFile)
        case .own: (certificate, key) = try own(host: host, folder: folder + "/tls")
        }
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate)
            guard !chain.isEmpty else { throw OperatorError("no certificate in it") }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            // A browser that never answers close_notify must not hold a stop.
            configuration.shutdownTimeout = .seconds(1)
            return configuration
        } catch {
            throw OperatorError("the page's certificate \(certificate) with key \(key) cannot be used: \(error)")
        }
    }

    /// The files of the station's own certificate, made where they are missing or out of date.
    private static func own(host: String, folder: String) throws -> (certificate: String, key: String) {
        let files = (folder + "/station.pem", folder + "/station.key")
        let names = names(host)
        if let pem = try? String(contentsOfFile: files.0, encoding: .utf8),
            let found = try? Certificate(pemEncoded: pem), found.notValidAfter > Date() + 30 * 86400,
            FileManager.default.fileExists(atPath: files.1),
            let alternatives = try? found.extensions.subjectAlternativeNames,
            names.allSatisfy({ alternatives.contains(generalName($0)) })
        {
            return files
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let key = P256.Signing.PrivateKey()
        let publicKey = Certificate.PublicKey(key.publicKey)
        let subject = try DistinguishedName {
            CommonName(ProcessInfo.processInfo.hostName)
            OrganizationName("Provisioning Station")
        }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: publicKey, notValidBefore: Date() - backdating,
            notValidAfter: Date() + validity, issuer: subject, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(digitalSignature: true, keyCertSign: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(names.map(generalName))
                SubjectKeyIdentifier(hash: publicKey)
            }, issuerPrivateKey: Certificate.PrivateKey(key))
        try write(key.pemRepresentation + "\n", to: files.1, mode: 0o600)
        try write(try certificate.serializeAsPEM().pemString + "\n", to: files.0, mode: 0o644)
        return files
    }

    private static func names(_ host: String) -> [String] {
        var names = ["localhost", "127.0.0.1", "::1", ProcessInfo.processInfo.hostName]
        if !["0.0.0.0", "::"].contains(host), !names.contains(host) { names.append(host) }
        return names
    }

    private static func generalName(_ name: String) -> GeneralName {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, name, &bytes) == 1 { return .ipAddress(ASN1OctetString(contentBytes: bytes[..<4])) }
        if inet_pton(AF_INET6, name, &bytes) == 1 { return .ipAddress(ASN1OctetString(contentBytes: bytes[...])) }
        return .dnsName(name)
    }

    /// Written aside with its mode and put in its place at once.
    private static func write(_ text: String, to file: String, mode: mode_t) throws {
        let scratch = file + ".new"
        unlink(scratch)
        let descriptor = open(scratch, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            throw OperatorError("cannot write \(scratch): \(String(cString: strerror(errno)))")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.synchronize()
        guard rename(scratch, file) == 0 else {
            throw OperatorError("cannot put \(file) in its place: \(String(cString: strerror(errno)))")
        }
    }
}

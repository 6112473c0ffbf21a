import CryptoExtras
import Foundation
import NIOCore
import NIOSSL
import SwiftASN1
import X509

/// A server certificate with its key and the CA that issued it, as the TLS doors need it.
///
/// The key is RSA, because Alibaba's C SDKs offer static-RSA suites alone (aliyun-sdk facts, §7).
struct ServerIdentity: Sendable {
    let certificate: Certificate
    let authority: Certificate
    let key: _RSA.Signing.PrivateKey

    /// Suites: modern ones first, then the two that the C SDKs can speak; nothing below TLS 1.2.
    static let cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20:AES256-SHA:AES128-SHA"

    /// The configuration of a TLS door. Clients are not asked for a certificate.
    func tlsConfiguration() throws -> TLSConfiguration {
        let chain = try [certificate, authority].map { certificate in
            try NIOSSLCertificate(bytes: Array(certificate.serializeAsPEM().pemString.utf8), format: .pem)
        }
        let key = try NIOSSLPrivateKey(bytes: Array(key.pemRepresentation.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.cipherSuites = Self.cipherSuites
        configuration.minimumTLSVersion = .tlsv12
        // A client that never answers close_notify must not hold a closing door for five seconds.
        configuration.shutdownTimeout = .seconds(1)
        return configuration
    }
}

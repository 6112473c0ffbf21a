import CryptoExtras
import SwiftASN1
import X509

/// A server certificate as PEM files, for a foreign server beside the stand-in: made just as the stand-in's own is, RSA
/// with 2048 bits, by an authority of its own.
package struct ServerFiles: Sendable {
    /// The authority, for clients to trust.
    package let caFile: String
    /// The server's certificate and the authority's, as the stand-in sends both.
    package let chainFile: String
    package let keyFile: String

    /// Makes the files in `directory`, for `localhost`, `127.0.0.1` and `::1`. Blocks while keys are made.
    package init(directory: String) throws {
        let identity = try CertificateAuthority(directory: directory).issue(names: [])
        (caFile, chainFile) = (CertificateAuthority.certificatePath(in: directory), directory + "/server.pem")
        keyFile = directory + "/server.key"
        let chain = try [identity.certificate, identity.authority].map { try $0.serializeAsPEM().pemString + "\n" }
        try PrivateFile.replace(chainFile, with: Array(chain.joined().utf8), mode: 0o644)
        try PrivateFile.replace(keyFile, with: Array(identity.key.pemRepresentation.utf8))
    }
}

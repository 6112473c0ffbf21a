import Foundation
import NIOSSL

/// A certificate authority and a server certificate made for one test by the `openssl` program.
struct TestPKI: Sendable {
    static let openssl = Tool("openssl")

    let folder: URL
    var caFile: String { folder.appending(path: "ca.pem").path }

    /// Runs `body` with a new authority; the certificate is for `names`, `DNS:localhost` for instance.
    static func with<R: Sendable>(
        names: String, _ body: @Sendable (TestPKI) async throws -> R
    ) async throws -> R {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let pki = TestPKI(folder: folder)
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        try await pki.openssl(
            ["req", "-x509"] + key + ["-subj", "/CN=Test CA", "-keyout", pki.path("ca.key"), "-out", pki.caFile])
        try await pki.openssl(
            ["req", "-x509"] + key + [
                "-subj", "/CN=test server", "-addext", "subjectAltName=\(names)", "-addext",
                "basicConstraints=critical,CA:FALSE", "-CA", pki.caFile, "-CAkey", pki.path("ca.key"), "-keyout",
                pki.path("server.key"), "-out", pki.path("server.pem"),
            ])
        return try await body(pki)
    }

    func serverContext() throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(path("server.pem")).map(NIOSSLCertificateSource.certificate)
        let key = try NIOSSLPrivateKey(file: path("server.key"), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    private func openssl(_ arguments: [String]) async throws {
        guard let tool = Self.openssl else { throw CocoaError(.fileNoSuchFile) }
        let (status, output) = try await tool.run(arguments)
        guard status == 0 else { throw TestPKIError(output: output) }
    }
}

struct TestPKIError: Error {
    let output: String
}

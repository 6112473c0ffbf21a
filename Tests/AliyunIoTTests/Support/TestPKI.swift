import Foundation
import NIOSSL

/// A certificate authority and a server certificate for `localhost` and 127.0.0.1, for these tests and nothing else.
/// The authority's own key was thrown away.
enum TestPKI {
    static func serverContext() throws -> NIOSSLContext {
        let certificate = try NIOSSLCertificate(bytes: Array(server.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
    }

    /// Runs `body` with the path of a PEM file that holds the authority.
    static func withCAFile<R: Sendable>(_ body: (String) async throws -> R) async throws -> R {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).pem")
        try Data(authority.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try await body(file.path)
    }

    private static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATugAwIBAgIURyi3wzuW1EwA4yBoBYn+72RP3TIwCgYIKoZIzj0EAwIw
        HzEdMBsGA1UEAwwUVGVzdCBDQSwgbm90IGZvciB1c2UwIBcNMjYxMTIzMDg0MzQ1
        WhgPMjEyNjEwMzAwODQzNDVaMB8xHTAbBgNVBAMMFFRlc3QgQ0EsIG5vdCBmb3Ig
        dXNlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5Myq9JxyOeMzBz4fLpRr9/AB
        OeQ0i6C1O0HJwKo9ZLwgK2mBbp96ZVkmvFOopRHwmN19F6kZMWpo7y0CYmTC6KNT
        MFEwHQYDVR0OBBYEFN2zSURcN2ekC1vrDWhCXBZ38fqsMB8GA1UdIwQYMBaAFN2z
        SURcN2ekC1vrDWhCXBZ38fqsMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
        SAAwRQIgAYFcFdjOlYaOkVtMn2sXqBJvQo4RUbXajQo/2iHtGyoCIQDUuzGY56MF
        LpI8vl7ZuEwlxz4r/DWEw6Wyunv83IDVLg==
        -----END CERTIFICATE-----
        """

    private static let server = """
        -----BEGIN CERTIFICATE-----
        MIIBpjCCAUugAwIBAgIUDx31aio8DSFwKKSUb9NenJr5qy4wCgYIKoZIzj0EAwIw
        HzEdMBsGA1UEAwwUVGVzdCBDQSwgbm90IGZvciB1c2UwIBcNMjYxMTIzMDg0MzQ1
        WhgPMjEyNjEwMzAwODQzNDVaMBYxFDASBgNVBAMMC3Rlc3Qgc2VydmVyMFkwEwYH
        KoZIzj0CAQYIKoZIzj0DAQcDQgAE77SWxzO11yRyNun0UP6jOmNz8RIObZqJpMKk
        gtShKU+jRRlP0sVXCmgUT1Zusl0B5aR91VoWS2QsOuD9AfN4d6NsMGowHQYDVR0O
        BBYEFMV1udZCWQ8NJLqMxayCMDW8VKCIMB8GA1UdIwQYMBaAFN2zSURcN2ekC1vr
        DWhCXBZ38fqsMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAMBgNVHRMBAf8E
        AjAAMAoGCCqGSM49BAMCA0kAMEYCIQCeFefLua9w492zfZHt43STQ6F0WDw/Hz1t
        gkHRybBRiwIhALsot+jM7NCNSwspmyiHSdshHV/YIPEo/h71pydpQGFr
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgaZIPFcNwvUBWTe4y
        GHfqMmjX9mjS7vTGjkDLJe7tdc+hRANCAATvtJbHM7XXJHI26fRQ/qM6Y3PxEg5t
        momkwqSC1KEpT6NFGU/SxVcKaBRPVm6yXQHlpH3VWhZLZCw64P0B83h3
        -----END PRIVATE KEY-----
        """
}

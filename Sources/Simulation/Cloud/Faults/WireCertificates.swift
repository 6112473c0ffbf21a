import Foundation
import NIOSSL

/// Certificates that a client of the stand-in must refuse.
public struct WireCertificates: Sendable {
    let contexts: [WireFault: NIOSSLContext]

    /// Makes those that the faults need. Blocks while keys are made.
    /// - Parameters:
    ///   - pki: the folder of the stand-in's certificate authority.
    ///   - strangers: a folder for an authority that nobody trusts.
    public init(for faults: [WireFault], pki: String, strangers: String) throws {
        let own = try CertificateAuthority(directory: pki)
        func day(_ number: Double) -> Date { Date(timeIntervalSinceNow: number * 86_400) }
        var contexts: [WireFault: NIOSSLContext] = [:]
        for fault in faults {
            let identity: ServerIdentity? =
                switch fault {
                case .wrongAuthority: try CertificateAuthority(directory: strangers).issue(names: [])
                case .expired: try own.issue(names: [], valid: day(-2)..<day(-1))
                case .notYetValid: try own.issue(names: [], valid: day(1)..<day(2))
                case .otherName: try own.issue(onlyFor: ["iot.example.com"])
                default: nil
                }
            if let identity { contexts[fault] = try NIOSSLContext(configuration: identity.tlsConfiguration()) }
        }
        self.contexts = contexts
    }
}

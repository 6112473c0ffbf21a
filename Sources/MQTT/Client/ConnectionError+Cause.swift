import Glibc
import NIOCore
import NIOPosix
import NIOSSL

extension ConnectionError {
    /// Puts what NIO reported into our words.
    ///
    /// - Parameters:
    ///   - phase: what the connection was doing, "TLS handshake" for instance.
    ///   - isHandshaking: whether TLS was still being set up, when an OpenSSL error is a refusal and not an end.
    package init(cause: any Error, peer: String, phase: String, isHandshaking: Bool) {
        switch cause {
        case let error as ConnectionError:
            self = error
        case let error as WireError:
            self.init(.protocolViolation, "\(peer) sent a packet that breaks MQTT 3.1.1: \(error.sentence).")
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            self.init(
                .tls,
                "TLS with \(peer) failed: the certificate is for another name. Check the host in the configuration.")
        case let error as NIOSSLError:
            self.init(tls: error, peer: peer, phase: phase, isHandshaking: isHandshaking)
        case let error as BoringSSLError where isHandshaking:
            self.init(.tls, "TLS with \(peer) failed: \(Self.reason(of: error)).")
        case ChannelError.connectTimeout:
            self.init(.timeout, "\(peer) did not answer in time (\(phase)).")
        case let error as NIOConnectionError where error.connectionErrors.first?.error is NIOSSLError:
            self.init(.tls, "TLS with \(peer) could not be set up: the CA file must be a readable PEM file.")
        case let error as NIOConnectionError:
            self.init(.unreachable, "\(peer) cannot be reached: \(Self.reason(of: error)).")
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            self.init(.unreachable, "\(peer) cannot be reached: \(Self.reason(of: error)).")
        case let error as IOError:
            self.init(.closed, "The connection to \(peer) broke during \(phase): \(Self.reason(of: error)).")
        default:
            self.init(.closed, "The connection to \(peer) ended during \(phase).")
        }
    }

    /// The same for a TCP connection that did not come about: whatever the cause, nothing was sent.
    init(connecting cause: any Error, peer: String) {
        let error = ConnectionError(cause: cause, peer: peer, phase: "TCP connect", isHandshaking: false)
        self = error.code == .closed ? ConnectionError(.unreachable, "\(peer) cannot be reached.") : error
    }

    private init(tls error: NIOSSLError, peer: String, phase: String, isHandshaking: Bool) {
        switch error {
        case .handshakeFailed(let cause) where isHandshaking:
            let reason = Self.reason(of: cause)
            if reason.isEmpty {
                self.init(.closed, "\(peer) closed the connection during the TLS handshake.")
            } else {
                self.init(.tls, "TLS with \(peer) failed: \(reason).")
            }
        case .unableToValidateCertificate, .noCertificateToValidate, .cannotFindPeerIP:
            self.init(.tls, "TLS with \(peer) failed: its certificate cannot be checked (\(error)).")
        default:
            self.init(.closed, "\(peer) ended the connection during \(phase).")
        }
    }

    /// BoringSSL's reason, `CERTIFICATE_VERIFY_FAILED` for instance, with what it means; empty for a bare end of stream.
    private static func reason(of error: BoringSSLError) -> String {
        guard case .sslError(let stack) = error, !stack.contains(.eofDuringHandshake) else { return "" }
        let names = stack.compactMap { entry in
            String(describing: entry).split(separator: " ").first { $0.contains("OPENSSL_internal:") }?
                .split(separator: ":").last.map(String.init)
        }
        guard let name = names.first else { return "no reason given" }
        switch name {
        case "CERTIFICATE_VERIFY_FAILED":
            return "\(name), the certificate is not signed by a trusted authority, or is expired or not yet valid; "
                + "check the CA file and this machine's clock"
        case "WRONG_VERSION_NUMBER", "HTTP_REQUEST":
            return "\(name), the port does not speak TLS; check host and port"
        default:
            return name
        }
    }

    private static func reason(of error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first { return reason(of: failure.error) }
        return "the name \(error.host) is not known"
    }

    private static func reason(of error: any Error) -> String {
        guard let system = error as? IOError else {
            return error as? ChannelError == nil ? String(describing: type(of: error)) : "no answer in time"
        }
        return strerror(system.errnoCode).map { String(cString: $0).lowercased() } ?? "error \(system.errnoCode)"
    }
}

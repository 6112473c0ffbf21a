import AsyncHTTPClient
import MQTT
import NIOCore
import NIOSSL

extension CloudError {
    /// Puts a failed HTTP exchange into our words.
    ///
    /// What happens once a request may be on its way counts as `.timeout`: its reply is lost, its effect unknown.
    init(transport error: any Error, peer: String) {
        switch error {
        case let error as CloudError:
            self = error
        case is NIOTooManyBytesError:
            self.init(.unexpected, "\(peer) sent an answer longer than is accepted.")
        case let error as HTTPClientError:
            self.init(error, peer: peer)
        case is BoringSSLError:
            // Whatever goes wrong within the handshake comes wrapped; this came after it.
            self.init(.timeout, "The TLS connection to \(peer) broke before it had answered.")
        default:
            let cause = ConnectionError(
                cause: error, peer: peer, phase: "the HTTP request", isHandshaking: true)
            self.init(cause)
        }
    }

    init(_ error: ConnectionError) {
        switch error.code {
        case .unreachable: self.init(.unreachable, error.sentence)
        case .tls: self.init(.tls, error.sentence)
        case .refused(3): self.init(.outage, error.sentence)
        case .refused: self.init(.credentials, error.sentence)
        case .timeout, .closed: self.init(.timeout, error.sentence)
        case .invalid: self.init(.input, error.sentence)
        case .protocolViolation, .overflow, .subscriptionRefused: self.init(.unexpected, error.sentence)
        }
    }

    private init(_ error: HTTPClientError, peer: String) {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            self.init(.unreachable, "\(peer) did not accept a connection in time.")
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            self.init(.timeout, "\(peer) did not answer in time.")
        case .remoteConnectionClosed, .uncleanShutdown:
            self.init(.timeout, "\(peer) closed the connection before it had answered.")
        case .invalidURL, .emptyHost, .emptyScheme:
            self.init(.input, "The address of \(peer) is not a URL.")
        default:
            self.init(.unexpected, "\(peer) did not answer as HTTP prescribes: \(error.shortDescription).")
        }
    }
}

/// Why a port could not be opened, used or found.
public struct LinkError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The text in the configuration names no port.
        case address
        /// The path does not exist, or nobody listens at the TCP address.
        case absent
        /// Another process has the port open.
        case busy
        /// The account may not open the port.
        case permission
        /// The path is no terminal.
        case notATerminal
        /// The driver does not take this rate.
        case baud
        /// The port went away while in use: unplugged, hung up, or closed by the peer.
        case lost
        /// The port took no bytes until the deadline.
        case writeTimeout
        /// The task was cancelled.
        case cancelled
        /// Any other error of the system.
        case system
    }

    public let code: Code
    /// The port as the configuration names it.
    public let port: String
    /// What happened, with expected and received values, and what to do where that is known.
    public let sentence: String
    /// The system's error number where one was given.
    public let errno: Int32?

    public init(_ code: Code, port: String, _ sentence: String, errno: Int32? = nil) {
        self.code = code
        self.port = port
        self.sentence = sentence
        self.errno = errno
    }

    public var description: String { "\(port): \(sentence)" }
}

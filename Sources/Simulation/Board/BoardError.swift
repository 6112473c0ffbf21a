/// Why a simulated board or fixture could not be set up, or refused a command on its control socket.
public struct BoardError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The cause in a form programs can tell apart.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String
        public init(_ description: String) { self.description = description }
        /// An option, identity, fault or plan that cannot be used.
        public static let input = Code("input")
        /// The pty, its link or the listening socket could not be made.
        public static let port = Code("port")
        /// The flash file could not be opened, or has the wrong size.
        public static let flash = Code("flash")
        /// The command does not fit the slot's state (a board is there already, or none is).
        public static let state = Code("state")
        /// A release image could not be built.
        public static let image = Code("image")
    }

    public let code: Code
    /// One sentence with both values, expected and received.
    public let sentence: String

    public init(_ code: Code, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    public var description: String { sentence }

    /// The sentence for a failed system call: what was tried, and the system's own text for `number`.
    static func system(_ code: Code, _ what: String, _ number: Int32) -> BoardError {
        BoardError(code, "\(what): \(systemText(number))")
    }
}

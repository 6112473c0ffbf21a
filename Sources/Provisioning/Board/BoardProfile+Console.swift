extension BoardProfile {
    /// What the board says on its serial console while it boots.
    public struct Console: Hashable, Sendable {
        /// The console's rate in bits per second.
        public let baud: Int
        /// The line that says the firmware is up.
        public let ready: ConsolePattern
        /// The line that says the firmware's version, in its one capture group; nil where the firmware does not say it.
        public let version: ConsolePattern?
        /// The line that names the board's identity, in its one capture group: it must be the one that was read before the
        /// power cycle. nil where the firmware does not say it.
        public let identity: ConsolePattern?
        /// Lines that end the boot with a failure; the first that fits counts.
        public let errors: [ErrorLine]

        public init(
            baud: Int, ready: ConsolePattern, version: ConsolePattern?, identity: ConsolePattern? = nil,
            errors: [ErrorLine]
        ) {
            (self.baud, self.ready, self.version) = (baud, ready, version)
            (self.identity, self.errors) = (identity, errors)
        }

        /// The failure that `line` stands for, if any.
        public func failure(in line: String) -> FailureCode? {
            errors.first { $0.pattern.matches(line) }?.code
        }
    }

    /// A console line that means failure.
    public struct ErrorLine: Hashable, Sendable {
        public let pattern: ConsolePattern
        public let code: FailureCode

        public init(pattern: ConsolePattern, code: FailureCode) {
            (self.pattern, self.code) = (pattern, code)
        }
    }
}

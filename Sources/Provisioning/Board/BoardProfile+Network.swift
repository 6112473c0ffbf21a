extension BoardProfile {
    /// How a board is given the line's network over its console, how it is wiped, and how that is proved.
    public struct LineNetwork: Hashable, Sendable {
        /// A line before it, such as one that keeps the network out of the board's flash; nil = none.
        public let prepare: String?
        /// The console line that says it is done.
        public let prepared: ConsolePattern
        /// The line that makes the board join; `{ssid}` and `{password}` stand for the line's.
        public let join: String
        /// The console line that says it has joined.
        public let joined: ConsolePattern
        /// The console line that says it could not.
        public let refused: ConsolePattern?
        /// How long joining may take.
        public let joinLimit: Duration
        /// The line that makes the board forget the network.
        public let wipe: String
        /// The console line that says it has.
        public let wiped: ConsolePattern
        /// The line that asks which network the board knows.
        public let prove: String
        /// The console line that says: none.
        public let proof: ConsolePattern

        public init(
            prepare: String? = nil, prepared: ConsolePattern, join: String, joined: ConsolePattern,
            refused: ConsolePattern?, joinLimit: Duration, wipe: String,
            wiped: ConsolePattern, prove: String, proof: ConsolePattern
        ) {
            (self.prepare, self.prepared) = (prepare, prepared)
            (self.join, self.joined, self.refused, self.joinLimit) = (join, joined, refused, joinLimit)
            (self.wipe, self.wiped, self.prove, self.proof) = (wipe, wiped, prove, proof)
        }
    }

    /// One thing that must be true of a board that ships, asked over its console after the activation.
    public struct ShipCheck: Hashable, Sendable {
        /// Under this name a release may state another value.
        public let name: String
        /// The line that asks.
        public let ask: String
        /// The console line that answers, the value in its one capture group.
        public let answer: ConsolePattern
        /// What the value must be, unless the release states another.
        public let value: String

        public init(name: String, ask: String, answer: ConsolePattern, value: String) {
            (self.name, self.ask, self.answer, self.value) = (name, ask, answer, value)
        }
    }
}

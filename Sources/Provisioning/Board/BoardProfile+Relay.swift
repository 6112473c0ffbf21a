extension BoardProfile {
    /// How a board without a network takes its device credential over the console, and proves that it stored it.
    ///
    /// The credential is sent as one line and nothing of it is written on the station. The proof is HMAC-SHA256 under the
    /// DeviceSecret (or the DeviceToken) over a number that the station has just drawn, so that only a board that has the
    /// credential can give it.
    public struct Relay: Hashable, Sendable {
        /// The line that hands over a DeviceSecret; `{device_secret}` stands for it.
        public let handOver: String
        /// The line that hands over what a board without pre-registration gets; `{client_id}` and `{device_token}`.
        public let handOverPair: String
        /// The console line that says it is stored.
        public let stored: ConsolePattern
        /// The line that asks for the proof; `{nonce}` stands for 32 hexadecimal digits.
        public let prove: String
        /// The console line with the proof, 64 hexadecimal digits in its one capture group.
        public let proof: ConsolePattern
        /// How long each answer may take.
        public let answer: Duration

        public init(
            handOver: String, handOverPair: String, stored: ConsolePattern, prove: String, proof: ConsolePattern,
            answer: Duration
        ) {
            (self.handOver, self.handOverPair, self.stored) = (handOver, handOverPair, stored)
            (self.prove, self.proof, self.answer) = (prove, proof, answer)
        }
    }
}

/// Pulses on DTR and RTS for a circuit of the board's own, as lists of steps such as `dtr=1 rts=0 100ms`.
///
/// A step sets the lines it names, both at once, and then waits; lines it does not name stay as they are. 1 means set,
/// which is a low level at the adapter's pin. Each list starts with both lines clear.
public struct LineSequences: Sendable, Equatable {
    public struct Step: Sendable, Equatable {
        /// nil leaves the line as it is.
        public let dtr: Bool?
        public let rts: Bool?
        /// How long to wait once the lines are set.
        public let pause: Duration

        /// Reads `dtr=0|1`, `rts=0|1` and a time in `ms` or `s`, each at most once, in any order.
        /// - Throws: ``LinkError`` `address`, naming the word.
        public init(_ text: String) throws(LinkError) {
            var lines: [Substring: Bool] = [:]
            var pause: Duration?
            for word in text.split(whereSeparator: \.isWhitespace) {
                let parts = word.split(separator: "=", omittingEmptySubsequences: false)
                if parts.count == 2, ["dtr", "rts"].contains(parts[0]), ["0", "1"].contains(parts[1]),
                    lines[parts[0]] == nil
                {
                    lines[parts[0]] = parts[1] == "1"
                } else if pause == nil, let time = Self.time(word) {
                    pause = time
                } else {
                    throw Self.refuse(
                        text, "\"\(word)\" is none of dtr=0, dtr=1, rts=0, rts=1 or a time such as 100ms, each once")
                }
            }
            guard !lines.isEmpty || pause != nil else { throw Self.refuse(text, "an empty step does nothing") }
            (dtr, rts, self.pause) = (lines["dtr"], lines["rts"], pause ?? .zero)
        }

        private static func time(_ word: Substring) -> Duration? {
            for (unit, one) in [("ms", Duration.milliseconds(1)), ("s", .seconds(1))] where word.hasSuffix(unit) {
                guard let number = UInt16(word.dropLast(unit.count)) else { return nil }
                return one * Int(number)
            }
            return nil
        }

        static func refuse(_ text: String, _ sentence: String) -> LinkError {
            LinkError(.address, port: text, "line step: \(sentence)")
        }
    }

    /// Into the download loader.
    public let loader: [Step]
    /// Into a normal boot.
    public let run: [Step]
    /// Held so that the board can do nothing.
    public let off: [Step]
    /// Lets go of what ``off`` holds.
    public let on: [Step]

    /// - Parameters:
    ///   - off: holds RTS where not given, as the usual circuit does.
    ///   - on: clears both lines where not given.
    /// - Throws: ``LinkError`` `address` for an unreadable step, an empty list, and one that takes longer than an
    ///   action may.
    public init(
        loader: [String], run: [String], off: [String] = ["dtr=0 rts=1"], on: [String] = ["dtr=0 rts=0"]
    ) throws(LinkError) {
        self.loader = try Self.steps("loader", loader)
        self.run = try Self.steps("run", run)
        self.off = try Self.steps("off", off)
        self.on = try Self.steps("on", on)
    }

    private static func steps(_ name: String, _ texts: [String]) throws(LinkError) -> [Step] {
        guard !texts.isEmpty else { throw Step.refuse(name, "the list \(name) has no steps") }
        var steps: [Step] = []
        for text in texts { steps.append(try Step(text)) }
        guard steps.reduce(.zero, { $0 + $1.pause }) < PowerControl.limit else {
            throw Step.refuse(
                name, "the steps of \(name) wait for more than the \(PowerControl.limit) an action may take")
        }
        return steps
    }
}

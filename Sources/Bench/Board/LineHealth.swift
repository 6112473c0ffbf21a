/// What one slot's line went through: how often bytes had to be sent again, were damaged, or the rate had to go down.
///
/// Fed by the loader's events and errors of each session (one board's identification and flash). Judged by the last
/// sessions only, so that a repaired slot recovers by itself.
public struct LineHealth: Sendable, Equatable, Codable {
    /// What is counted.
    public struct Counts: Sendable, Equatable, Codable {
        /// Blocks sent again.
        public var retries = 0
        /// Damaged bytes: checksum refusals (0107), garbage, readings that differ.
        public var noise = 0
        /// Changes to a lower rate.
        public var stepDowns = 0
        /// The port went away while in use.
        public var portLosses = 0

        public init(retries: Int = 0, noise: Int = 0, stepDowns: Int = 0, portLosses: Int = 0) {
            (self.retries, self.noise, self.stepDowns, self.portLosses) = (retries, noise, stepDowns, portLosses)
        }

        static func + (left: Counts, right: Counts) -> Counts {
            Counts(
                retries: left.retries + right.retries, noise: left.noise + right.noise,
                stepDowns: left.stepDowns + right.stepDowns, portLosses: left.portLosses + right.portLosses)
        }
    }

    /// Sessions that are judged together.
    public static let window = 10

    /// Of all sessions since ``reset()``.
    public private(set) var total = Counts()
    /// Sessions ended since ``reset()``.
    public private(set) var sessions = 0
    /// Of the last sessions, oldest first; at most ``window``.
    public private(set) var recent: [Counts] = []
    /// The rate of the last successful flash, in bits a second.
    public private(set) var lastGoodBaud: Int?
    /// Of the session under way.
    private var current = Counts()

    public init() {}

    /// Takes note of what the loader reports.
    public mutating func take(_ event: FlashEvent) {
        switch event {
        case .retrying(_, _, _, let reason):
            current.retries += 1
            if Self.isNoise(reason) { current.noise += 1 }
        case .steppedDown: current.stepDowns += 1
        default: break
        }
    }

    /// Takes note of the error that ended a session or an attempt.
    public mutating func take(_ error: LoaderError) {
        switch error.kind {
        case .portLost: current.portLosses += 1
        case .noise: current.noise += 1
        case .baud, .blockWrite, .stub, .protocolError, .eraseTimeout:
            if error.reason.map(LoaderError.isTransmission) ?? Self.isNoise(error.sentence) { current.noise += 1 }
        default: break
        }
    }

    /// Ends a session.
    /// - Parameter baud: the rate that worked; nil where the flash failed, or had no rate.
    public mutating func endSession(baud: Int? = nil) {
        if let baud, baud > 0 { lastGoodBaud = baud }
        total = total + current
        sessions += 1
        recent = (recent + [current]).suffix(Self.window)
        current = Counts()
    }

    /// Forgets all but the rate: cable, supply or adapter was changed.
    public mutating func reset() {
        let baud = lastGoodBaud
        self = LineHealth()
        lastGoodBaud = baud
    }

    /// Whether a loader's words mean damaged bytes: 0107 is its checksum error (Espressif serial protocol, ROM errors).
    private static func isNoise(_ text: String) -> Bool {
        let lower = text.lowercased()
        return ["0107", "0x107", "checksum", "noise", "garbage", "damaged"].contains { lower.contains($0) }
    }

    private enum CodingKeys: String, CodingKey {
        case total, sessions, recent
        case lastGoodBaud = "last_good_baud"
    }

    /// Tolerant: a missing or unusable part counts as none. The session under way is not kept.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        total = (try? values.decode(Counts.self, forKey: .total)) ?? Counts()
        sessions = max(0, (try? values.decode(Int.self, forKey: .sessions)) ?? 0)
        recent = ((try? values.decode([Counts].self, forKey: .recent)) ?? []).suffix(Self.window)
        lastGoodBaud = (try? values.decode(Int.self, forKey: .lastGoodBaud)).flatMap { $0 > 0 ? $0 : nil }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(total, forKey: .total)
        try values.encode(sessions, forKey: .sessions)
        try values.encode(recent, forKey: .recent)
        try values.encode(lastGoodBaud, forKey: .lastGoodBaud)
    }
}

extension LineHealth {
    /// Why a slot's line is called degraded, and what to do.
    public struct Degradation: Sendable, Equatable {
        public enum Cause: String, Sendable, CaseIterable {
            /// The port goes away in use.
            case port
            /// Bytes arrive damaged.
            case noise
            /// The highest rate does not hold.
            case baud
            /// Blocks have to be sent again.
            case retries
        }

        public let cause: Cause
        /// How often in the sessions judged.
        public let count: Int
        /// How many sessions were judged.
        public let sessions: Int
    }

    /// Occurrences in ``window`` sessions from which on a line is degraded.
    static let thresholds: [Degradation.Cause: Int] = [.port: 2, .noise: 3, .baud: 2, .retries: 5]

    /// The worst that the last sessions show; nil for a sound line. A lost port comes first, since it causes the
    /// others.
    public var degradation: Degradation? {
        let sum = recent.reduce(Counts(), +)
        let counts: [(Degradation.Cause, Int)] = [
            (.port, sum.portLosses), (.noise, sum.noise), (.baud, sum.stepDowns), (.retries, sum.retries),
        ]
        for (cause, count) in counts where count >= Self.thresholds[cause, default: .max] {
            return Degradation(cause: cause, count: count, sessions: recent.count)
        }
        return nil
    }
}

extension LineHealth.Degradation {
    /// For the operator's page, in Chinese.
    public var chinese: String {
        let times = "最近 \(sessions) 次中出现 \(count) 次"
        return switch cause {
        case .port: "\(times)串口掉线：检查 USB 线、集线器和转接板的供电"
        case .noise: "\(times)数据损坏（0107 或乱码）：多为供电不足或线材不良，不是板子坏；换短线、检查电源"
        case .baud: "\(times)降低波特率：线材过长或转接板不稳；换线或换转接板"
        case .retries: "\(times)数据重发：检查线材和供电"
        }
    }

    /// The same in English.
    public var english: String {
        let often = "\(count) times in the last \(sessions) sessions"
        return switch cause {
        case .port: "The port went away \(often): check the USB cable, the hub and the adapter's power"
        case .noise:
            "Data arrived damaged (0107 or garbage) \(often): usually a weak supply or a bad cable, not the board; use "
                + "a shorter cable and check the power"
        case .baud: "The rate had to be lowered \(often): the cable is too long or the adapter unsteady; change it"
        case .retries: "Data had to be sent again \(often): check cable and power"
        }
    }
}

#if DEBUG
    import Glibc
    import Locking

    /// What this process does at its places: counts how often it passed the one it is to end at, and writes the log.
    final class CutTrace: Sendable {
        /// nil where the environment asks for nothing.
        static let own = CutTrace(cut: variable("STATION_CUT"), log: variable("STATION_CUT_LOG"))

        private let name: String?
        private let left: Locked<Int>
        private let log: Int32?

        private init?(cut: String?, log path: String?) {
            guard cut != nil || path != nil else { return nil }
            let parts = (cut ?? "").split(separator: "#", maxSplits: 1).map(String.init)
            name = parts.first
            left = Locked(parts.count == 2 ? Int(parts[1]) ?? 1 : 1)
            log = path.map { open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600) }
        }

        func pass(_ place: String) {
            // Under the lock, so that nothing is logged after the place at which the process ends.
            left.withLock { left in
                if let log {
                    var line = place + "\n"
                    line.withUTF8 { _ = write(log, $0.baseAddress, $0.count) }
                }
                guard place == name else { return }
                left -= 1
                if left == 0 { kill(getpid(), SIGKILL) }
            }
        }

        private static func variable(_ name: String) -> String? {
            getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
    }
#endif

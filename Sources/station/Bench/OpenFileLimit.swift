import Foundation

/// How many files and sockets this process, and each process it starts, may have open (getrlimit(2), RLIMIT_NOFILE).
enum OpenFileLimit {
    /// The user's limit is below what is needed.
    struct TooLow: Error, Equatable, CustomStringConvertible {
        /// What needs the files: an option with its value.
        let cause: String
        let needed: UInt64
        let hard: UInt64

        var description: String {
            "\(cause) needs \(needed) open files in each process, and this user may have \(hard) (`ulimit -Hn`): "
                + "ask for fewer, or raise the limit (as root: `ulimit -n \(needed)` in the shell that starts this)"
        }
    }

    /// Raises the soft limit to `needed` where it is lower.
    /// - Throws: ``TooLow`` where the hard limit does not allow it.
    static func raise(to needed: UInt64, for cause: String) throws {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EINVAL) }
        guard let soft = try raised(soft: UInt64(limit.rlim_cur), hard: UInt64(limit.rlim_max), to: needed, for: cause)
        else { return }
        limit.rlim_cur = rlim_t(soft)
        guard setrlimit(resource, &limit) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EPERM) }
    }

    /// The soft limit to set; nil where it is high enough as it is.
    static func raised(soft: UInt64, hard: UInt64, to needed: UInt64, for cause: String) throws(TooLow) -> UInt64? {
        guard soft < needed else { return nil }
        guard hard >= needed else { throw TooLow(cause: cause, needed: needed, hard: hard) }
        return needed
    }
}

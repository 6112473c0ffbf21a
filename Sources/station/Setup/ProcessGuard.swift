import CProcess
import Foundation

/// Keeps this process's memory, in which secrets are while they are used, out of core dumps and crash traces, and from other
/// processes of the same user.
enum ProcessGuard {
    /// Why the memory could not be closed.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// No core dump (setrlimit(2), core(5)), no attaching by other processes (PR_SET_DUMPABLE, prctl(2)), no content of
    /// memory in a dump that a child leaves to a pipe (`coredump_filter`), no Swift crash trace, which prints memory beside
    /// each register, unless SWIFT_BACKTRACE asks for it by name. Limit and filter are inherited by every child; a child
    /// that is this program does the rest itself.
    /// - Throws: ``Refused`` when one of them does not hold afterwards.
    static func enforce() throws {
        let core = __rlimit_resource_t(RLIMIT_CORE.rawValue)
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        // Whether it was set shows in what is read back; where it cannot be read, nothing is known.
        setrlimit(core, &limit)
        guard getrlimit(core, &limit) == 0 else {
            throw Refused(description: "whether core dumps are off cannot be read: \(String(cString: strerror(errno)))")
        }
        guard limit.rlim_cur == 0, limit.rlim_max == 0 else {
            throw Refused(
                description: "core dumps stay on: expected a limit of 0 (RLIMIT_CORE), received \(limit.rlim_cur)")
        }
        // Before PR_SET_DUMPABLE, which gives the files of /proc/self to root.
        try? Data("0".utf8).write(to: URL(fileURLWithPath: "/proc/self/coredump_filter"), options: [])
        guard process_set_dumpable(0) == 0, process_is_dumpable() == 0 else {
            throw Refused(description: "this process's memory stays readable for others: PR_SET_DUMPABLE is refused")
        }
        if ProcessInfo.processInfo.environment["SWIFT_BACKTRACE"] == nil {
            for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGQUIT] { signal(number, SIG_DFL) }
        }
    }
}

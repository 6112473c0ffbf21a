import Foundation
import Glibc

/// The processes of one group, as Linux's `/proc` shows them.
enum ProcessGroup {
    /// Whether the process has ended; it stays known to its parent until its status is collected.
    static func hasEnded(_ process: pid_t) -> Bool {
        var information = siginfo_t()
        let answer = waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT)
        return answer != 0 || information.si_signo != 0
    }

    /// Whether any process of the group still runs. Ended ones that nobody has collected do not count.
    static func isRunning(_ group: pid_t) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.contains { name in
            // Fields after the name in parentheses: state, parent, group (proc(5)).
            guard name.first?.isNumber == true,
                let text = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { return false }
            let fields = text[text.index(after: end)...].split(separator: " ")
            return fields.count > 2 && fields[2] == "\(group)" && fields[0] != "Z" && fields[0] != "X"
        }
    }

    /// Ends what is left of a group whose first process has ended: SIGTERM was sent before; waits until `deadline`,
    /// then SIGKILL.
    ///
    /// Called before the first process is collected, so that its number still belongs to the group.
    static func finish(_ group: pid_t, until deadline: ContinuousClock.Instant) async {
        while ContinuousClock.now < deadline, isRunning(group) { try? await Task.sleep(for: .milliseconds(20)) }
        _ = kill(-group, SIGKILL)
    }
}

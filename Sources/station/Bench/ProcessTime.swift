import Foundation

/// The processor time of a process, from `/proc/PID/stat` (proc(5), fields 14 and 15).
struct ProcessTime: Sendable {
    let id: Int32

    /// User and system time so far; nil when the process is gone.
    var used: Duration? {
        let fields = Self.fields(of: id)
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
        return .seconds(user + system) / max(1, Int(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// The child of this process whose command line contains `text`.
    static func child(containing text: String) -> ProcessTime? {
        let own = ProcessInfo.processInfo.processIdentifier
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let id = Int32(name), let parent = fields(of: id).dropFirst().first, parent == String(own),
                BenchMachine.text("/proc/\(id)/cmdline").contains(text)
            else { continue }
            return ProcessTime(id: id)
        }
        return nil
    }

    /// The fields behind the program's name, which may hold blanks and brackets: the state is the first.
    private static func fields(of id: Int32) -> [Substring] {
        let stat = BenchMachine.text("/proc/\(id)/stat")
        guard let end = stat.lastIndex(of: ")") else { return [] }
        return stat[stat.index(after: end)...].split(separator: " ")
    }
}

/// How busy processes were during a phase, as shares of one core.
struct PhaseLoad: Sendable {
    private let start = ContinuousClock.now
    private let processes: [ProcessTime]
    private let before: [Duration?]

    init(_ processes: [ProcessTime]) {
        self.processes = processes
        before = processes.map(\.used)
    }

    /// The shares since the start, in the order of the processes; nil for one that is gone.
    func shares() -> [Double?] {
        let wall = ContinuousClock.now - start
        return zip(processes, before).map { process, before in
            guard let before, let now = process.used else { return nil }
            return BenchText.quotient(now - before, wall)
        }
    }
}

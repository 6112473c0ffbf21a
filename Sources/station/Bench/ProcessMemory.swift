/// The memory of a process that lies in RAM, from `/proc/PID/status` (proc(5), `VmRSS`).
struct ProcessMemory: Sendable {
    let id: Int32

    /// Resident set in KiB; nil when the process is gone.
    var resident: Int? { Self.resident(in: BenchMachine.text("/proc/\(id)/status")) }

    /// The figure behind `VmRSS:`, which the kernel gives in kB of 1,024 bytes.
    static func resident(in status: String) -> Int? {
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
    }
}

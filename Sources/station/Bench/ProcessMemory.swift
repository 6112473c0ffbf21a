import Foundation

/// The memory of a process that lies in RAM, from `/proc/PID/status` (proc(5), `VmRSS`).
struct ProcessMemory: Sendable {
    let id: Int32

    /// Resident set in KiB; nil when the process is gone.
    var resident: Int? { Self.resident(in: BenchMachine.text("/proc/\(id)/status")) }

    /// The largest the resident set ever was, or since ``resetPeak()``, in KiB; nil when the process is gone.
    var peak: Int? { Self.figure("VmHWM:", in: BenchMachine.text("/proc/\(id)/status")) }

    /// Lets the kernel forget the peak (proc(5), `clear_refs`); where it does not, the peak stays what it was.
    func resetPeak() { try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/\(id)/clear_refs")) }

    /// The figure behind `VmRSS:`, which the kernel gives in kB of 1,024 bytes.
    static func resident(in status: String) -> Int? {
        figure("VmRSS:", in: status)
    }

    private static func figure(_ name: String, in status: String) -> Int? {
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
    }
}

import Foundation

/// Descriptors and threads of this process, from /proc.
struct ProcessCount: CustomStringConvertible {
    let descriptors: Int
    let threads: Int

    init() throws {
        // The descriptor with which the folder itself is read is counted each time.
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
    }

    /// Whether there are no more of either than there were.
    func isWithin(_ earlier: ProcessCount) -> Bool {
        descriptors <= earlier.descriptors && threads <= earlier.threads
    }

    var description: String { "\(descriptors) descriptors, \(threads) threads" }
}

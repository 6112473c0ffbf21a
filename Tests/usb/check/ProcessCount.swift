import Foundation

/// Descriptors and threads of this process, from /proc.
struct ProcessCount: CustomStringConvertible {
    let descriptors: Int
    /// Threads that somebody has started, such as a slot's.
    let threads: Int
    /// Threads of the runtime's pool, which come and go by themselves; libdispatch names them by their quality of service.
    let pool: Int

    init() throws {
        // The descriptor with which the folder itself is read is counted each time.
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").map {
            // One that has ended meanwhile has no name.
            (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) ?? ""
        }
        pool = names.count { $0.contains("-qos") }
        threads = names.count { !$0.isEmpty } - pool
    }

    /// Whether there are no more than there were, but for as many threads of the pool as there are processors.
    func isWithin(_ earlier: ProcessCount) -> Bool {
        descriptors <= earlier.descriptors && threads <= earlier.threads
            && pool <= earlier.pool + ProcessInfo.processInfo.activeProcessorCount
    }

    var description: String { "\(descriptors) descriptors, \(threads) threads and \(pool) of the pool" }
}

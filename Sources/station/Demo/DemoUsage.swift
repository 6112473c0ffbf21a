import Foundation
import Glibc

/// What a demo took of the machine, by processes that have ended and the demo's own.
struct DemoUsage: Sendable {
    /// Processor time of this process: the station.
    let station = UsedTime.own
    /// Of the children: cloud, boards, tools.
    let children = UsedTime.children
    /// The most memory the station had, in KiB.
    let stationMemory = Self.memory(RUSAGE_SELF.rawValue)
    /// The most that one of the children had, in KiB.
    let childMemory = Self.memory(RUSAGE_CHILDREN.rawValue)

    private static func memory(_ who: Int32) -> Int {
        var usage = rusage()
        getrusage(who, &usage)
        return usage.ru_maxrss
    }

    /// One line for people.
    var text: String {
        "station: processor \(BenchText.time(station)), memory at most \(stationMemory / 1024) MiB; cloud, boards and tools: "
            + "processor \(BenchText.time(children)), memory of the largest at most \(childMemory / 1024) MiB"
    }
}

import Foundation
import Provisioning

/// The machine a figure was taken on; no figure is printed without it.
struct BenchMachine: Sendable {
    let processor: String
    let cores: Int
    let kernel: String
    /// The kernel's load averages at the start: what else was going on.
    let load: String
    /// Whether this program was built without optimisation.
    let isDebugBuild: Bool

    /// The machine this runs on.
    static func read() -> BenchMachine {
        let model = text("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
        let processor = model.flatMap { $0.split(separator: ":", maxSplits: 1).last }.map(String.init)
        let kernel = text("/proc/sys/kernel/ostype") + " " + text("/proc/sys/kernel/osrelease")
        return BenchMachine(
            processor: processor?.trimmingCharacters(in: .whitespaces) ?? "unknown processor",
            cores: ProcessInfo.processInfo.activeProcessorCount, kernel: kernel,
            load: text("/proc/loadavg").split(separator: " ").prefix(3).joined(separator: " "),
            isDebugBuild: isDebug)
    }

    var lines: [String] {
        let machine = "machine   \(processor), \(cores) cores, \(kernel), load \(load)"
        guard isDebugBuild else { return [machine] }
        return [
            machine, "build     DEBUG: not to be quoted; measure with a release build (see `station bench --help`)",
        ]
    }

    var json: JSONValue {
        [
            "processor": .string(processor), "cores": .init(cores), "kernel": .string(kernel), "load": .string(load),
            "debug_build": .bool(isDebugBuild),
        ]
    }

    private static var isDebug: Bool {
        #if DEBUG
            true
        #else
            false
        #endif
    }

    /// The file's text without white space around it; empty where it cannot be read.
    static func text(_ file: String) -> String {
        ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

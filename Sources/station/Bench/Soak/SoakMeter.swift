import Execution
import Foundation
import Journal
import Locking
import Provisioning

/// Counts and measures a long run of this process, minute by minute.
final class SoakMeter: Sendable {
    private struct State {
        var found = SoakReport.Found()
        var passed = 0
        var others = 0
        var appends: [Duration] = []
    }

    private let folder: String
    private let restarts: Locked<Int>
    private let state = Locked(State())

    /// - Parameter folder: the station's data folder.
    init(folder: String, restarts: Locked<Int>) { (self.folder, self.restarts) = (folder, restarts) }

    var found: SoakReport.Found { state.withLock { $0.found } }

    /// Counts how runs end.
    func follow(_ events: AsyncStream<LineEvent>) async {
        for await case .concluded(_, _, let outcome, let failure) in events {
            state.withLock { state in
                if outcome == .pass { state.passed += 1 } else { state.others += 1 }
                let name = ([outcome.rawValue] + (failure.map { [$0.code.text] } ?? [])).joined(separator: " ")
                state.found.outcomes[name, default: 0] += 1
            }
        }
    }

    /// Appends to the journal five times a second, beside the line.
    func append(to journal: Journal) async throws {
        while !Task.isCancelled {
            let start = ContinuousClock.now
            try await journal.append(kind: .boardNoted, actor: "station:bench", body: ["note": "bench"])
            let time = ContinuousClock.now - start
            state.withLock { $0.appends.append(time) }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// How the process is now, and how the minute was.
    func sample(_ minute: Int) -> SoakSample {
        let own = ProcessInfo.processInfo.processIdentifier
        let files = FileManager.default
        let sample = state.withLock { state in
            let appends = BenchSamples(state.appends)
            let sample = SoakSample(
                minute: minute, resident: ProcessMemory(id: own).resident ?? 0,
                descriptors: (try? files.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0,
                threads: (try? files.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0,
                wal: Self.size(folder + "/journal.sqlite-wal"), journal: Self.size(folder + "/journal.sqlite"),
                p50: BenchText.microseconds(appends.percentile(50)),
                p99: BenchText.microseconds(appends.percentile(99)),
                passed: state.passed, others: state.others, restarts: restarts.withLock { $0 })
            (state.appends, state.passed, state.others) = ([], 0, 0)
            state.found.samples.append(sample)
            return sample
        }
        return sample
    }

    private static func size(_ file: String) -> Int {
        ((try? FileManager.default.attributesOfItem(atPath: file))?[.size] as? Int) ?? 0
    }
}

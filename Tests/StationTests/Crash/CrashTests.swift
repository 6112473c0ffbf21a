import Foundation
import Locking
import Testing

extension ExecutableTests.Lines {
    @Suite("the station cut off at every place")
    struct CrashTests {
        /// The workflows to be tried, by their names with commas between them; nil = all.
        static let only = ProcessInfo.processInfo.environment["STATION_CRASH"].map {
            $0.split(separator: ",").map(String.init)
        }

        @Test(
            "a first run: one claim, one device, one unit, one pass, whatever was lost",
            .enabled(if: CrashMatrix.isPossible, "release builds have no places to be cut at"), .timeLimit(.minutes(60))
        )
        func firstRun() async throws {
            try await CrashMatrix(workflow: .firstRun, isTwice: CrashMatrix.isFull).run()
        }

        @Test(
            "everything else a station does, by samples, or at every place where STATION_FULL is set; and no place is missed",
            .enabled(if: CrashMatrix.isPossible, "release builds have no places to be cut at"),
            .timeLimit(.minutes(360)))
        func others() async throws {
            let unknown = Set(Self.only ?? []).subtracting(CrashWorkflow.others.map(\.name))
            #expect(unknown.isEmpty, "no such workflow")
            let passed = Locked<Set<String>>([])
            let others = Locked(
                Array(CrashWorkflow.others.reversed().filter { Self.only?.contains($0.name) ?? true }))
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        while let workflow = others.withLock({ $0.popLast() }) {
                            do {
                                let cuts = try await CrashMatrix(
                                    workflow: workflow, lines: CrashMatrix.isFull ? 2 : 1, choice: Self.choice
                                ).run()
                                passed.withLock { $0.formUnion(cuts.map(\.name)) }
                            } catch { Issue.record(error, "\(workflow.name)") }
                        }
                    }
                }
            }
            guard Self.only == nil else { return }
            let missing = try CrashPlaces(sources: Program.sources + "/Sources").missing(from: passed.now)
            #expect(missing.isEmpty, "in the sources, and passed by no workflow")
            let kinds = CrashPlaces.missingKinds(from: passed.now)
            #expect(kinds.isEmpty, "kinds of records that no workflow writes")
        }

        /// All, or two: one in the middle, and one near the end.
        @Sendable
        private static func choice(_ cuts: [CrashMatrix.Cut]) -> [CrashMatrix.Cut] {
            CrashMatrix.isFull ? cuts : [cuts[cuts.count / 2], cuts[max(0, cuts.count - 4)]]
        }
    }
}

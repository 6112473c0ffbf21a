import Foundation
import Testing

extension ExecutableTests.Lines {
    @Suite("Memory of a running station")
    struct SharedMemoryTests {
        @Test("is shared by all threads: two arenas, however many threads there are", .enabled(if: mayReadOthers))
        func arenas() async throws {
            try await StationBed.with(.board(), StationBed.Ways(hasPage: true)) { bed in
                _ = try await bed.serve {
                    _ = try await bed.page()
                    let process = try #require(try Self.process(serving: bed.configuration))
                    let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task").count
                    #expect(threads > 8)
                    let maps = try String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8)
                    // The main arena has no such piece.
                    #expect(Self.heaps(in: maps) <= 1, "\(threads) threads")
                }
            }
        }

        /// glibc's heaps of further arenas: 64 MiB of address space at a multiple of it, the first part readable, the rest not.
        private static func heaps(in maps: String) -> Int {
            let size: UInt64 = 64 << 20
            let pieces = maps.split(separator: "\n").compactMap { line -> (start: UInt64, end: UInt64, isOpen: Bool)? in
                let fields = line.split(separator: " ")
                let ends = (fields.first ?? "").split(separator: "-").compactMap { UInt64($0, radix: 16) }
                guard fields.count == 5, ends.count == 2 else { return nil }
                return (ends[0], ends[1], fields[1].hasPrefix("rw"))
            }
            return zip(pieces, pieces.dropFirst()).count { first, rest in
                first.isOpen && !rest.isOpen && first.end == rest.start && first.start.isMultiple(of: size)
                    && rest.end - first.start >= size
            }
        }

        private static func process(serving configuration: String) throws -> Int? {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int($0) }.first { id in
                let words = FileManager.default.contents(atPath: "/proc/\(id)/cmdline")?.split(separator: 0) ?? []
                return words.count > 1 && words[1] == Data("serve".utf8) && words.contains(Data(configuration.utf8))
            }
        }
    }
}

/// A station closes its memory against others; whoever may trace any process (CAP_SYS_PTRACE, 19) sees where it lies.
private let mayReadOthers: Bool = {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") } ?? ""
    let capabilities = line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
    return capabilities & (1 << 19) != 0
}()

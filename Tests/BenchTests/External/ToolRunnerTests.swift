import Foundation
import Glibc
import Testing

@testable import Bench

@Suite("Running external programs") struct ToolRunnerTests {
    @Test("lines come from both outputs; a progress bar's carriage returns end lines; colours are dropped")
    func lines() async throws {
        try await ToolBed.with { bed in
            let tool = try bed.script(
                "tool",
                #"printf 'a\r\nb 10%%\rb 20%%\rb 30%%\n\033[1;32mgreen\033[0m\n'"#
                    + "\necho error >&2; printf 'last'; exit 3"
            )
            let seen = Shared<[String]>([])
            let outcome = try await ToolRunner().run(tool, [], within: .seconds(60)) { line in
                seen.withLock { $0.append(line) }
            }
            #expect(seen.withLock { $0 } == ["a", "b 10%", "b 20%", "b 30%", "green", "error", "last"])
            #expect(outcome.ending == .exited(3))
            #expect(outcome.tail == seen.withLock { $0 })
        }
    }

    @Test("huge output needs no more memory than its tail, and a line without end is cut")
    func huge() async throws {
        try await ToolBed.with { bed in
            let tool = try bed.script(
                "tool", "head -c 20000000 /dev/zero | tr '\\0' x; echo; yes 0123456789 | head -n 200000; echo end")
            let longest = Shared(0)
            let outcome = try await ToolRunner().run(tool, [], within: .seconds(120)) { line in
                longest.withLock { $0 = max($0, line.utf8.count) }
            }
            #expect(outcome.ending == .exited(0))
            #expect(outcome.bytes == 20_000_001 + 200_000 * 11 + 4)
            #expect(outcome.tail.count == ToolRunner.tailLength && outcome.tail.last == "end")
            #expect(longest.withLock { $0 } == 1024)
        }
    }

    @Test("a program that ignores SIGTERM and its grandchild are gone after the deadline")
    func deadline() async throws {
        try await ToolBed.with { bed in
            let tool = try bed.script("tool", Self.stubborn)
            var limit = Duration.seconds(1)
            var processes: [pid_t] = []
            while processes.count < 2, limit < .seconds(60) {
                let outcome = try await ToolRunner().run(tool, [], within: limit)
                #expect(outcome.ending == .timedOut)
                processes = outcome.tail.compactMap { pid_t($0) }
                // A starved machine may not have started both by then.
                limit *= 4
            }
            #expect(processes.count == 2)
            #expect(await ToolBed.haveEnded(processes))
        }
    }

    @Test("a cancelled run ends a program that obeys and a grandchild that does not")
    func cancelled() async throws {
        try await ToolBed.with { bed in
            let tool = try bed.script("tool", Self.stubborn.replacing("trap '' TERM; # tool", with: "# tool"))
            let processes = Shared<[pid_t]>([])
            await #expect {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        _ = try await ToolRunner().run(tool, [], within: .seconds(600)) { line in
                            if let process = pid_t(line) { processes.withLock { $0.append(process) } }
                        }
                    }
                    while processes.withLock({ $0.count }) < 2 { await Task.yield() }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            } throws: { ($0 as? ToolError)?.code == .cancelled }
            #expect(await ToolBed.haveEnded(processes.withLock { $0 }))
        }
    }

    /// Prints its own process and its child's; both go on for ever.
    private static let stubborn = """
        trap '' TERM; # tool
        sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done' &
        echo $$
        while :; do sleep 1; done
        """

    @Test("what a program leaves running in the background ends with it and does not hold up the run")
    func background() async throws {
        try await ToolBed.with { bed in
            let tool = try bed.script("tool", "sleep 600 & echo $!; exit 0")
            let outcome = try await ToolRunner().run(tool, [], within: .seconds(600))
            #expect(outcome.ending == .exited(0))
            let process = try #require(outcome.tail.first.flatMap { pid_t($0) })
            #expect(await ToolBed.haveEnded([process]))
        }
    }

    @Test("a program that closes its outputs and works on is waited for")
    func closed() async throws {
        try await ToolBed.with { bed in
            let tool = try bed.script("tool", "exec >/dev/null 2>&1; sleep 0.3; touch '\(bed.path("done"))'; exit 4")
            let outcome = try await ToolRunner().run(tool, [], within: .seconds(600))
            #expect(outcome.ending == .exited(4))
            #expect(FileManager.default.fileExists(atPath: bed.path("done")))
        }
    }

    @Test("arguments and environment of the running program hold only what they should")
    func process() async throws {
        try await ToolBed.with { bed in
            let tool = try bed.script(
                "tool", "echo pid $$; until [ -e '\(bed.path("go"))' ]; do sleep 0.02; done; exit 0")
            let seen = Shared<(arguments: String, names: [String])?>(nil)
            let go = bed.path("go")
            let outcome = try await ToolRunner(environment: ["EXTRA": "1"]).run(
                tool, ["a b", "$HOME", "*"], within: .seconds(600)
            ) { line in
                guard line.hasPrefix("pid "), let process = pid_t(line.dropFirst(4)) else { return }
                func read(_ name: String) -> [String] {
                    let data = FileManager.default.contents(atPath: "/proc/\(process)/\(name)") ?? Data()
                    return String(decoding: data, as: UTF8.self).split(separator: "\0").map(String.init)
                }
                let names = read("environ").map { String($0.prefix { $0 != "=" }) }
                seen.withLock { $0 = (read("cmdline").dropFirst().joined(separator: "\n"), names) }
                _ = FileManager.default.createFile(atPath: go, contents: nil)
            }
            #expect(outcome.ending == .exited(0))
            let (arguments, names) = try #require(seen.withLock { $0 })
            #expect(arguments == "\(tool)\na b\n$HOME\n*")
            let allowed: Set<String> = [
                "PATH", "HOME", "TMPDIR", "TZ", "LC_ALL", "LANG", "TERM", "NO_COLOR", "PYTHONUNBUFFERED", "EXTRA",
                "PWD",
                "OLDPWD", "SHLVL", "_",
            ]
            #expect(names.contains("EXTRA") && Set(names).isSubset(of: allowed))
        }
    }

    @Test("a missing program and one that may not be run are told apart from a failing one")
    func missing() async throws {
        try await ToolBed.with { bed in
            try Data("x".utf8).write(to: bed.folder.appendingPathComponent("plain"))
            for path in [bed.path("nothing"), bed.path("plain")] {
                await #expect { try await ToolRunner().run(path, [], within: .seconds(9)) } throws: {
                    ($0 as? ToolError)?.code == .missing && "\($0)".contains(path)
                }
            }
        }
    }

    @Test("a blocked thread gets the lines itself, and its task's cancellation ends the program")
    func blocking() async throws {
        try await ToolBed.with { bed in
            let tool = try bed.script("tool", "echo $$; sleep 600")
            let process = Shared<pid_t?>(nil)
            let hand = BlockingHand()
            await #expect {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await hand.perform {
                            _ = try ToolRunner().runBlocking(tool, [], within: .seconds(600)) { line in
                                process.withLock { $0 = pid_t(line) }
                            }
                        }
                    }
                    while process.withLock({ $0 }) == nil { await Task.yield() }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            } throws: { ($0 as? ToolError)?.code == .cancelled }
            #expect(await ToolBed.haveEnded([try #require(process.withLock { $0 })]))
        }
    }
}

import ArgumentParser
import Foundation
import Locking
import Provisioning

/// `station bench boards`: many boards with many faults, judged by what was wrong with them.
struct BenchBoards: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "boards",
        abstract: "Runs many boards with a seeded mix of faults and judges every end by the fault that was put in.",
        discussion: """
            70 of 100 boards are pre-registered and activate themselves, 15 do so without pre-registration, 15 are relayed. \
            Exit status 0: no board passed that is bad, no good one failed, every fault ended with its code, claims, units and \
            devices are the same, the journal's chain is whole.

            Examples:
              station bench boards
              station bench boards --boards 10000 --seed 7 --json
            """)

    @Option(help: "How many boards, 20 to 1,000,000.") var boards = 40
    @Option(help: "How many slots, 2 to 32.") var slots = 16
    @Option(help: "How many of 100 boards have a fault.") var faulty = 40
    @Option(help: "Makes boards, faults and their places; the same seed repeats them.") var seed: UInt64 = 1
    @Option(help: ArgumentHelp("Board profiles, taken in turn by slots and boards.", valueName: "profiles"))
    var board = "esp32c3,esp32"
    @Option(help: ArgumentHelp("Folder with board profiles.", valueName: "dir")) var home: String?
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard (20...1_000_000).contains(boards) else {
            throw ValidationError("--boards \(boards): expected 20 to 1,000,000")
        }
        guard (2...32).contains(slots) else { throw ValidationError("--slots \(slots): expected 2 to 32") }
        guard (0...100).contains(faulty) else { throw ValidationError("--faulty \(faulty): expected 0 to 100") }
    }

    func run() async throws {
        let machine = BenchMachine.read()
        let home = try StationHome.locate(explicit: home)
        let profiles = try board.split(separator: ",").map { try home.profile(named: String($0)) }
        let found = try await options.withFolder { folder in
            var found = BoardsFound()
            for (index, share) in BoardPart.share(boards).enumerated() where share.boards > 0 {
                let part = share.part
                let fit = part.activation == .relay ? profiles.filter { $0.relay != nil } : profiles
                guard !fit.isEmpty else { continue }
                options.progress("\(part.name): \(share.boards) boards ...")
                let (report, wellWritten) = try await demo(
                    part, share.boards, fit, home, folder + "/part-\(index + 1)", seed: seed &+ UInt64(index))
                found.add(part.name, report, wellWritten: wellWritten)
                try FileManager.default.removeItem(atPath: folder + "/part-\(index + 1)")
            }
            return found
        }
        options.finish(found.report(machine, slots: slots, seed: seed))
        guard found.isGood else { throw ExitCode.failure }
    }

    /// Runs one part.
    /// - Returns: what came of it, and the boards that held the release when they were taken off.
    private func demo(
        _ part: BoardPart, _ count: Int, _ profiles: [BoardProfile], _ home: StationHome, _ path: String, seed: UInt64
    ) async throws -> (DemoReport, Set<Int>) {
        let list = DemoBoard.mix(
            count: count, profiles: profiles, faultyPercent: faulty, seed: seed, kinds: part.faults(of:))
        let silent = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/null"))
        var demo = Demo(
            boards: list, slots: min(slots, count), profiles: profiles, channel: "mqtt", mode: part.mode,
            activation: part.activation, instance: .public, faults: [], firstArticle: false, seed: seed, paced: nil,
            folder: try DemoFolder(path: path), home: home, output: silent)
        let (taken, wellWritten) = (Locked(0), Locked<Set<Int>>([]))
        let (files, options) = (demo, options)
        demo.onTaken = { board in
            let file = files.flash(of: board.id)
            if try files.holdsRelease(file, board.profile) { wellWritten.withLock { _ = $0.insert(board.id) } }
            // Ten thousand boards' flash does not fit on every disk.
            try FileManager.default.removeItem(atPath: file)
            let number = taken.withLock { count in
                count += 1
                return count
            }
            if number.isMultiple(of: 500) { options.progress("\(number) boards done") }
        }
        let report = try await demo.run()
        return (report, wellWritten.withLock { $0 })
    }
}

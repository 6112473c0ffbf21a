import Foundation
import Subprocess
import SystemPackage

@testable import station

/// A line that is killed again and again, at any moment and under any clock, while hands that know nothing of it put
/// boards on its slots and take them off.
struct Torture: Sendable {
    let bed: StationBed
    /// Boards in the tray; more than the quota.
    let boards: Int
    /// The station's configuration; another one after a restore.
    var configuration: String

    /// Debian's faketime, which moves the clock of one process tree; nil where it is not installed.
    static let clockMover: String? = {
        let path = "/usr/bin/faketime"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// A day back, no change, a day on.
    static let clocks = ["-1d", "+0", "+1d"]

    init(bed: StationBed, boards: Int) {
        (self.bed, self.boards) = (bed, boards)
        configuration = bed.configuration
    }

    /// Puts boards on every slot and takes them off, in any order, until `body` has ended.
    func withHands<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let (names, boards) = (bed.controls.sorted { $0.key < $1.key }, boards)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            for (place, slot) in names.enumerated() {
                let hand = try FixtureClient(slot.value)
                group.addTask {
                    // Each board is in one hand's tray, so that it never lies in two slots.
                    let tray = (1...boards).filter { $0 % names.count == place }
                    while !Task.isCancelled {
                        guard let board = tray.randomElement() else { return nil }
                        try? await hand.place(board)
                        try? await Task.sleep(for: .milliseconds(Int.random(in: 1500...12_000)))
                        try? await hand.remove()
                        try? await Task.sleep(for: .milliseconds(Int.random(in: 100...1600)))
                    }
                    return nil
                }
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let next = try await group.next() { if let next { return next } }
            throw TestTrouble("the hands ended before the test")
        }
    }

    /// One life of the station: begun under a clock, ended by SIGKILL after `delay`.
    func life(clock: String, delay: Duration) async throws {
        var (program, arguments) = (Program.station.path, ["serve", "--config", configuration])
        if let mover = Self.clockMover { (program, arguments) = (mover, ["-m", "-f", clock, program] + arguments) }
        let log = try FileDescriptor.open(
            FilePath(bed.folder + "/lives.log"), .writeOnly, options: [.create, .append, .closeOnExec],
            permissions: [.ownerReadWrite])
        var options = PlatformOptions()
        options.processGroupID = 0
        let ended = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments),
            environment: .inherit.updating(["FAKETIME_DONT_FAKE_MONOTONIC": "1"]), platformOptions: options,
            input: .none, output: .fileDescriptor(log, closeAfterSpawningProcess: false),
            error: .fileDescriptor(log, closeAfterSpawningProcess: true)
        ) { execution in
            try await Task.sleep(for: delay)
            // The station and, before it, the one that moves its clock.
            try execution.send(signal: .kill, toProcessGroup: true)
            return execution.processIdentifier.value
        }
        for name in ["faketime_shm_\(ended.closureResult)", "sem.faketime_sem_\(ended.closureResult)"] {
            unlink("/dev/shm/" + name)
        }
        guard case .signaled(SIGKILL) = ended.terminationStatus else {
            let text = (try? String(contentsOfFile: bed.folder + "/lives.log", encoding: .utf8)) ?? ""
            throw TestTrouble("serve ended by itself, \(ended.terminationStatus): \(text.suffix(1000))")
        }
    }

    /// The boards that anything was ever written to.
    func written() throws -> Set<Int> {
        Set(
            try (1...boards).filter { number in
                guard FileManager.default.fileExists(atPath: bed.flash(number)) else { return false }
                return try bytes(of: bed.flash(number)).withUnsafeBytes { flash in
                    guard let start = flash.baseAddress, flash.first == 0xFF else { return !flash.isEmpty }
                    return memcmp(start, start + 1, flash.count - 1) != 0
                }
            })
    }
}

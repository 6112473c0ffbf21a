import Foundation
import Locking
import Provisioning
import Testing

@testable import station

extension ExecutableTests {
    @Suite("the hunt for secrets over every workflow")
    struct HuntTests {
        static let badge = "HUNT-" + String(UUID().uuidString.prefix(13))
        static let pin = "493817205561"
        static let mes = String(UUID().uuidString.filter { $0 != "-" })

        @Test(
            "a relay's runs, re-flash, reset, scrap, names in advance, rotation, reports, closing, a crash: nothing slips out, and what is planted is found",
            .timeLimit(.minutes(10)), .enabled(if: IndependentCheck.python != nil, "there is no python3"))
        func hunt() async throws {
            let ways = StationBed.Ways(activation: "relay", hasPage: true)
            try await StationBed.with(.fixture(boards: 3), ways) { bed in
                let seen = ProcessWatch(naming: bed.folder)
                let shown = try await seen.during { try await Self.work(bed) }
                let secrets = try Self.secrets(of: bed) + shown + [Self.badge, Self.pin, Self.mes, "bed-password"]
                // Two AccessKeys, the ProductSecret, three boards', the session's two words, the token, and four given here.
                #expect(Set(secrets).count >= 3 + 3 + 3 + 4)
                let hunter = SecretHunter(secrets)
                // The boards' flash and what the cloud itself keeps are where the secrets must be.
                let theirs = (1...3).map { "board-\($0).flash" } + ["cloud-secrets.json"]
                #expect(try !hunter.finds(under: bed.folder + "/flash-of-1").finds.isEmpty)
                let kept = theirs + ["flash-of-1"]
                let (finds, files) = try hunter.finds(under: bed.folder, except: kept)
                #expect(finds.isEmpty, "\(finds)")
                #expect(files > 40, "\(files) files")
                #expect(seen.count > 8, "\(seen.count) processes")
                #expect(hunter.finds(in: seen.everything).isEmpty, "\(hunter.finds(in: seen.everything))")

                // A leak in each form, planted among what was searched.
                let place = bed.data + "/planted.log"
                let forms = SecretHunter.forms(of: bed.productSecret)
                #expect(forms.count > 30)
                let number = try #require(secrets.firstIndex(of: bed.productSecret))
                for (form, bytes) in forms {
                    try (Data("12:00:00 slot 1: ".utf8) + bytes + Data("\n".utf8)).write(
                        to: URL(fileURLWithPath: place))
                    let (found, _) = try hunter.finds(under: bed.data)
                    #expect(found.contains("secret \(number) as \(form) in planted.log"), "\(form): \(found)")
                }
            }
        }

        /// Everything a station does, once.
        /// - Returns: the words that were shown to the person at the page.
        private static func work(_ bed: StationBed) async throws -> [String] {
            try await bed.station("secret", "set", "mes/key", input: mes + "\n")
            let (shown, status) = try await bed.serve {
                let hand = try FixtureClient(bed.control)
                func run(_ board: Int, _ count: Int) async throws {
                    try await hand.place(board)
                    let last = try await bed.conclusions(count).last
                    #expect(last?.outcome == "pass", "run \(count): \(last?.code ?? "")")
                    try await hand.remove()
                    let removed = ContinuousClock.now
                    try await eventually("an empty slot") { .now - removed > .seconds(3) ? true : nil }
                }
                let page = try await bed.page()
                try await run(1, 1)
                try await run(2, 2)
                try FileManager.default.createDirectory(
                    atPath: bed.folder + "/flash-of-1", withIntermediateDirectories: false)
                try FileManager.default.copyItem(atPath: bed.flash(1), toPath: bed.folder + "/flash-of-1/board.flash")
                let given: JSONValue = ["code": .string(page.code), "badge": .string(badge), "pin": .string(pin)]
                let wire = try await Program(path: IndependentCheck.python ?? "").run(
                    [
                        Program.sources + "/Tests/secrets/wire.py", "--base", page.url, "--unit", bed.deviceName(1),
                        "--order", bed.order, "--out", bed.folder + "/wire.bin",
                    ], input: given.text)
                #expect(wire.isSuccess, "\(wire.error.suffix(2000))")
                let told = try JSONValue(parsing: wire.output)
                #expect((told["read"].int ?? 0) > 12)
                try await bed.station("unit", "reset", bed.deviceName(1), "--reason", "hunt")
                try await run(1, 3)
                try await bed.station("secret", "rotate")
                for words in [
                    ["unit", "disable", bed.deviceName(2), "--reason", "hunt"],
                    ["unit", "enable", bed.deviceName(2), "--reason", "hunt"],
                    ["unit", "scrap", bed.deviceName(2), "--reason", "hunt"],
                ] {
                    try await bed.station(words[0], arguments: Array(words.dropFirst()))
                }
                try await run(3, 4)
                try await Self.paperwork(bed)
                return (told["shown"].array ?? []).compactMap(\.string)
            }
            #expect(status == 0)
            try await Self.crash(bed)
            _ = try await Program.station.run(
                ["simulate", "switch", "--ready-file", bed.cloudReady, bed.productKey, "off"])
            try await keep(
                bed, "terminate", ["batch", "terminate", bed.order, "--reason", "hunt", "--second", "li.wei"])
            return shown
        }

        /// What leaves the station on paper and on disks.
        private static func paperwork(_ bed: StationBed) async throws {
            try await keep(bed, "doctor", ["doctor"])
            try await keep(bed, "reconcile", ["reconcile", bed.order])
            try await keep(bed, "report", ["report", "batch", bed.order, "--output", bed.folder + "/reports"])
            try await keep(bed, "backup", ["backup", "--output", bed.folder + "/one.backup"])
            try await keep(bed, "units", ["unit", "show", bed.deviceName(1), "--json"])
            try await keep(bed, "list", ["secret", "list"])
            try await keep(bed, "export", ["journal", "export"])
            try await keep(bed, "csv", ["journal", "export", "--format", "csv"])
        }

        /// Runs a command, and keeps what it printed among what is searched.
        private static func keep(_ bed: StationBed, _ name: String, _ words: [String]) async throws {
            let ended = try await Program.station.run(words + ["--config", bed.configuration])
            try (words.joined(separator: " ") + "\n" + ended.output + ended.error).write(
                toFile: "\(bed.folder)/\(name).said", atomically: true, encoding: .utf8)
        }

        /// A station that crashes leaves no memory behind: no core file, no trace.
        private static func crash(_ bed: StationBed) async throws {
            let log = bed.folder + "/crash.log"
            let ended = try await Program(path: "/bin/sh").run(
                [
                    "-c",
                    #"cd "$1" && ulimit -S -c unlimited && { "$0" serve --config "$2" >"$3" 2>&1 & } && pid=$! && while ! grep -q "^page: " "$3"; do sleep 0.1; done && grep "Max core" /proc/$pid/limits && cat /proc/$pid/coredump_filter && kill -SEGV $pid; wait $pid; echo "status $?""#,
                    Program.station.path, bed.folder, bed.configuration, log,
                ])
            #expect(ended.output.contains("status 139"), "\(ended.output)\(ended.error)")
            let limits = try #require(ended.output.split(separator: "\n").first { $0.hasPrefix("Max core") })
            #expect(limits.split(separator: " ").filter { $0 == "0" }.count == 2, "\(limits)")
            #expect(ended.output.contains("00000000"), "\(ended.output)")
            let text = try String(contentsOfFile: log, encoding: .utf8)
            #expect(!text.contains("rax") && !text.contains("Registers"), "\(text.suffix(1000))")
            let left = try FileManager.default.contentsOfDirectory(atPath: bed.folder)
            #expect(!left.contains { $0.hasPrefix("core") }, "\(left)")
        }

        /// What the cloud gave out and was made with.
        private static func secrets(of bed: StationBed) throws -> [String] {
            try JSONDecoder().decode([String].self, from: bytes(of: bed.cloudSecrets))
        }
    }
}

/// Reads arguments and environment of every process that has a test's folder among its arguments, again and again.
final class ProcessWatch: Sendable {
    private let mark: String
    private let seen = Locked<[String: Data]>([:])

    init(naming mark: String) { self.mark = mark }

    /// How many processes were seen.
    var count: Int { seen.withLock { $0.count } }

    /// What all of them showed.
    var everything: Data { seen.withLock { $0.values.reduce(Data(), +) } }

    /// Watches while `body` runs.
    func during<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while !Task.isCancelled {
                    self.look()
                    try? await Task.sleep(for: .milliseconds(50))
                }
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else { throw TestTrouble("the watch ended") }
            return value
        }
    }

    private func look() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] where Int(name) != nil {
            guard let words = FileManager.default.contents(atPath: "/proc/\(name)/cmdline"), !words.isEmpty,
                words.range(of: Data(mark.utf8)) != nil
            else { continue }
            // The environment of the station's processes is closed to all but root.
            let environment = FileManager.default.contents(atPath: "/proc/\(name)/environ") ?? Data()
            seen.withLock { $0[name + String(decoding: words, as: UTF8.self)] = words + environment }
        }
    }
}

import ArgumentParser
import Foundation
import Locking
import Provisioning
import Testing

@testable import station

@Suite("station bench cloud")
struct BenchCloudTests {
    // MARK: - Arguments

    @Test(
        "values out of range are refused with what is allowed",
        arguments: [
            (["--workers", "0"], "--workers 0: expected 1 to 128"),
            (["--workers", "129"], "--workers 129: expected 1 to 128"),
            (["--seconds", "0"], "--seconds 0: expected 1 to 600"),
            (["--connections", "9"], "--connections 9: expected 10 to 20000"),
            (["--connections", "20001"], "--connections 20001: expected 10 to 20000"),
        ])
    func refused(arguments: [String], sentence: String) throws {
        let error = #expect(throws: (any Error).self) { try BenchCloud.parse(arguments) }
        #expect(error.map { BenchCloud.message(for: $0) }?.contains(sentence) == true)
    }

    @Test("without arguments: 8 clients, 2,000 connections")
    func defaults() throws {
        let command = try BenchCloud.parse([])
        #expect((command.workers, command.connections) == (8, 2000))
        #expect(try BenchCloud.parse(["--connections", "20000", "--workers", "1"]).connections == 20_000)
    }

    // MARK: - Open files

    @Test(
        "the soft limit of open files is raised where it is too low",
        arguments: [(UInt64(1024), UInt64(4096), UInt64(2512), UInt64?.some(2512)), (4096, 4096, 2512, nil)])
    func raised(soft: UInt64, hard: UInt64, needed: UInt64, expected: UInt64?) throws {
        #expect(try OpenFileLimit.raised(soft: soft, hard: hard, to: needed, for: "it") == expected)
    }

    @Test("a hard limit that is too low is told with both numbers")
    func tooLow() {
        let error = #expect(throws: OpenFileLimit.TooLow.self) {
            try OpenFileLimit.raised(soft: 1024, hard: 4096, to: 20_512, for: "--connections 20000")
        }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("--connections 20000 needs 20512 open files"))
        #expect(text.contains("may have 4096"))
    }

    // MARK: - Readings

    @Test("the resident set is read from a process's status")
    func resident() {
        let status = "Name:\tmosquitto\nVmHWM:\t    9100 kB\nVmRSS:\t    8192 kB\nRssAnon:\t 1000 kB"
        #expect(ProcessMemory.resident(in: status) == 8192)
        #expect(ProcessMemory.resident(in: "") == nil)
        #expect(ProcessMemory(id: ProcessInfo.processInfo.processIdentifier).resident ?? 0 > 0)
    }

    @Test("mosquitto is looked for in PATH; its version is read from its log")
    func broker() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = folder.appendingPathComponent("mosquitto").path
        #expect(
            FileManager.default.createFile(atPath: program, contents: nil, attributes: [.posixPermissions: 0o755]))
        #expect(BenchBroker.find(environment: ["PATH": "/nowhere:\(folder.path)"]) == program)
        #expect(BenchBroker.version(in: "1795628329: mosquitto version 2.0.11 starting\n") == "2.0.11")
        #expect(BenchBroker.version(in: "Error: bad port") == nil)
    }

    // MARK: - Turns

    @Test("a thing is lent to one worker at a time, the one that was free longest first")
    func turns() async throws {
        let turns = Turns([1, 2, 3])
        let lent = Locked<[Int]>([])
        for _ in 0..<4 { try await turns.lend { item in lent.withLock { $0.append(item) } } }
        #expect(lent.withLock { $0 } == [1, 2, 3, 1])
        try await turns.lend { two in
            try await turns.lend { three in
                try await turns.lend { one in
                    #expect((one, two, three) == (1, 2, 3))
                    await #expect(throws: Turns<Int>.NoneLeft.self) { try await turns.lend { _ in } }
                }
            }
        }
    }

    // MARK: - Figures

    private static let machine = BenchMachine(
        processor: "P", cores: 2, kernel: "Linux 6", load: "0 0 0", isDebugBuild: false)

    /// `count` operations in ten seconds, each of 20 ms.
    private static func measured(_ count: Int, server: Duration = .seconds(5), load: Duration = .seconds(4))
        -> CloudCase
    {
        CloudCase(
            rate: RateMeter(
                latencies: Array(repeating: .milliseconds(20), count: count), measured: .seconds(10)),
            server: server, load: load)
    }

    private static func found(
        mosquitto: CloudCase?, memory: HeldMemory = HeldMemory(connections: 2000, before: nil, open: nil, after: nil)
    ) -> CloudFound {
        CloudFound(
            rates: .init(
                registrationMQTT: measured(2000), registrationHTTPS: measured(1000),
                standIn: measured(3000, load: .seconds(8)), mosquitto: mosquitto),
            standInMemory: memory, mosquittoMemory: nil, mosquittoVersion: mosquitto.map { _ in "2.0.11" },
            skipped: mosquitto == nil ? BenchBroker.advice : nil)
    }

    @Test("rates, percentiles, shares of a core and the ratio come out of what was measured")
    func rates() {
        let report = Self.found(mosquitto: Self.measured(4000)).report(Self.machine, seconds: 10, workers: 8)
        let json = report.json
        #expect(json["registration_mqtt"]["per_second"].int == 200)
        #expect(json["registration_https"]["per_second"].int == 100)
        #expect(json["connection"]["p99_us"].int == 20_000)
        #expect(json["connection"]["server_cpu_thousandths"].int == 500)
        #expect(json["connection_mosquitto"]["operations"].int == 4000)
        #expect(json["connection_ratio_thousandths"].int == 750)
        // 5 s of the processor for 3,000 connections beside 5 s for 4,000.
        #expect(json["connection"]["server_cpu_us_each"].int == 1667)
        #expect(json["processor_ratio_thousandths"].int == 1333)
        let text = report.lines.joined(separator: "\n")
        #expect(text.contains("300/s") && text.contains("p50 20.00 ms") && text.contains("0.750"))
        #expect(text.contains("CPU server 50 % load 80 % of a core, each 1.67 ms"))
        #expect(text.contains("mosquitto 2.0.11"))
        // Only there was it busier than it should be.
        #expect(text.contains("used more than 70 % of a core with\n          the stand-in's connections (80 %):\n"))
    }

    @Test("without mosquitto the stand-in's own figures stay, the ratio is null, and what to install is said")
    func withoutMosquitto() {
        let report = Self.found(mosquitto: nil).report(Self.machine, seconds: 10, workers: 8)
        #expect(report.json["connection"]["per_second"].int == 300)
        #expect(report.json.object?["connection_ratio_thousandths"] == .some(.null))
        #expect(report.json.object?["connection_mosquitto"] == .some(.null))
        #expect(report.json.object?["memory_mosquitto"] == .some(.null))
        #expect(report.lines.contains { $0.contains("ratio       - in connections a second, - in") })
        #expect(report.json.object?["processor_ratio_thousandths"] == .some(.null))
        #expect(report.lines.contains { $0.contains("apt-get install mosquitto") })
    }

    @Test("memory is told before, with and after the connections, and for each one")
    func memory() {
        let memory = HeldMemory(connections: 2000, before: 40 << 10, open: 140 << 10, after: 120 << 10)
        #expect(memory.perConnection == 51.2)
        let report = Self.found(mosquitto: nil, memory: memory).report(Self.machine, seconds: 10, workers: 8)
        #expect(
            report.lines.contains {
                $0.hasSuffix(
                    "40.0 MiB before, 140.0 MiB with 2000 open, 120.0 MiB after: 51.2 KiB a connection")
            })
        #expect(report.json["memory"]["bytes_per_connection"].int == 52_429)
        #expect(report.json["memory"]["before_kib"].int == 40 << 10)
    }

    @Test("what could not be read is a dash, and null in JSON")
    func unread() {
        let report = Self.found(mosquitto: nil).report(Self.machine, seconds: 10, workers: 8)
        #expect(report.lines.contains { $0.hasSuffix("- before, - with 2000 open, - after: - KiB a connection") })
        #expect(report.json["memory"].object?["open_kib"] == .some(.null))
        let unread = CloudCase(rate: RateMeter(), server: nil, load: nil)
        #expect(unread.serverShare == nil)
        #expect(unread.serverEach == nil)
        #expect(unread.rate.perSecond == nil)
    }
}

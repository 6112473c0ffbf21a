import AliyunIoT
import Execution
import Foundation
import Provisioning
import Testing

@testable import station

@Suite("the doctor's findings")
struct DoctorFindingTests {
    @Test("a problem prints what was seen, what was expected and what to do next")
    func lines() {
        let finding = DoctorFinding.problem("disk", expected: "room", seen: "none", next: "make room")
        #expect(
            finding.lines(checkWidth: 4) == [
                "problem  disk  none", "         expected: room", "         next: make room",
            ])
    }

    @Test("what is well takes one line")
    func well() {
        let finding = DoctorFinding.ok("disk", expected: "room", seen: "plenty")
        #expect(finding.lines(checkWidth: 6) == ["ok       disk    plenty (expected: room)"])
        #expect(finding.json.object?["next"] == .some(.null))
    }

    @Test("warnings leave the station healthy, a problem does not")
    func health() {
        let warning = DoctorFinding.warning("a", expected: "b", seen: "c", next: "d")
        #expect(DoctorReport(findings: [warning]).isHealthy)
        let sick = DoctorReport(findings: [warning, .problem("a", expected: "b", seen: "c", next: "d")])
        #expect(!sick.isHealthy)
        #expect(sick.summary == "0 ok, 1 warning, 1 problem")
        #expect(sick.json["problems"].int == 1)
    }

    @Test(
        "space below what is to be told is a warning, below what stops boards a problem; so are few files",
        arguments: [
            (DiskSpace(free: 500 << 20), DoctorFinding.Verdict.ok), (DiskSpace(free: (500 << 20) - 1), .warning),
            (DiskSpace(free: 100 << 20), .warning), (DiskSpace(free: (100 << 20) - 1), .problem),
            (DiskSpace(free: 0), .problem), (DiskSpace(free: 1 << 40, files: 10_000), .ok),
            (DiskSpace(free: 1 << 40, files: 9999), .warning), (DiskSpace(free: 1 << 40, files: 999), .problem),
        ])
    func space(space: DiskSpace, verdict: DoctorFinding.Verdict) {
        let limits = DiskSpace.Limits(warn: 500 << 20, stop: 100 << 20)
        #expect(DoctorFolder.space(space, folder: "/x", limits: limits).verdict == verdict)
    }

    @Test(
        "the data folder must be this account's alone",
        arguments: [
            (UInt32(1), UInt32(0o700), DoctorFinding.Verdict.ok), (1, 0o750, .problem), (1, 0o701, .problem),
            (1, 0o500, .problem), (2, 0o700, .problem),
        ])
    func rights(owner: UInt32, mode: UInt32, verdict: DoctorFinding.Verdict) {
        #expect(DoctorFolder.rights(folder: "/x", owner: owner, mode: mode, account: 1).verdict == verdict)
    }

    @Test(
        "a clock off by more than a minute is a warning, by more than 15 a problem",
        arguments: [
            (0.0, DoctorFinding.Verdict.ok), (60.9, .ok), (-60, .ok), (61, .warning), (-900, .warning),
            (901, .problem), (-901, .problem),
        ])
    func clock(ahead: Double, verdict: DoctorFinding.Verdict) throws {
        let text = "Sun, 06 Nov 1994 08:49:37 GMT"
        let there = try #require(HTTPDate.read(text))
        #expect(there.timeIntervalSince1970 == 784_111_777)
        #expect(DoctorCloud.clock(cloudDate: text, here: there + ahead).verdict == verdict)
    }

    @Test("a date that is missing or cannot be read proves nothing", arguments: [nil, "", "yesterday"])
    func noClock(date: String?) {
        #expect(DoctorCloud.clock(cloudDate: date, here: Date()).verdict == .warning)
    }

    @Test(
        "the probe's answers are judged by whether boards could register",
        arguments: [
            (CredentialProbe.Answer.ready, DoctorFinding.Verdict.ok), (.switchOff, .problem), (.wrongSecret, .problem),
            (.alreadyActive, .problem), (.noProbe, .warning), (.noProduct, .problem),
            (.cannotTell(reason: "no HTTPS"), .warning),
        ])
    func probe(answer: CredentialProbe.Answer, verdict: DoctorFinding.Verdict) {
        #expect(DoctorCloud.probe("a1", answer).verdict == verdict)
    }

    @Test("the kernel's list of locks names the holder of a port, not those who wait for it")
    func locks() {
        let key = DoctorPortHolders.lockKey(device: 0x0005, inode: 97)
        #expect(key == "00:05:97")
        let text = """
            1: FLOCK  ADVISORY  WRITE 812 00:05:97 0 EOF
            1: -> FLOCK  ADVISORY  WRITE 813 00:05:97 0 EOF
            2: POSIX  ADVISORY  WRITE 814 00:05:97 0 EOF
            3: FLOCK  ADVISORY  WRITE 815 fe:00:97 0 EOF
            """
        #expect(DoctorPortHolders.lockers(of: key, in: text) == [812])
        #expect(DoctorPortHolders.lockKey(device: 0xFE00, inode: 16_221_937) == "fe:00:16221937")
    }

    @Test("a configuration that cannot be read is a problem, and the only one of its kind")
    func unreadable() {
        var report = DoctorReport()
        let found = DoctorSetup(file: "/nonexistent/station.toml", home: nil).examine(into: &report)
        #expect(found.0 == nil)
        #expect(!report.isHealthy)
        #expect(report.findings.count { $0.check == "configuration" } == 1)
    }
}

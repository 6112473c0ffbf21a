import Bench
import Foundation
import Locking
import Testing

@Suite("Network trouble is not board trouble") struct NetworkTests {
    private static let start = ContinuousClock.now

    /// One failure of slot A at second 100, and what else is known.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var others: [(slot: String, second: Int)] = []
        var state: AccessPointReading.State?
        var readAt = 100
        let verdict: NetworkRule.Verdict
    }

    private static let cases: [Case] = [
        Case(testDescription: "nothing else is known", verdict: .board),
        Case(testDescription: "the access point is there", state: .reachable, verdict: .board),
        Case(testDescription: "no probe is set", state: .unknown("no probe is set"), verdict: .board),
        Case(
            testDescription: "the access point is away", state: .unreachable("gone"),
            verdict: .probeFailed(reason: "gone")),
        Case(
            testDescription: "it was away 30 s before", state: .unreachable("gone"), readAt: 70,
            verdict: .probeFailed(reason: "gone")),
        Case(testDescription: "it was away long before", state: .unreachable("gone"), readAt: 69, verdict: .board),
        Case(testDescription: "the same slot failed before", others: [("A", 99)], verdict: .board),
        Case(
            testDescription: "another slot failed 30 s before", others: [("B", 70)], state: .reachable,
            verdict: .together(slots: ["A", "B"])),
        Case(
            testDescription: "another slot failed after it", others: [("B", 130)],
            verdict: .together(slots: ["A", "B"])),
        Case(testDescription: "another slot failed too long before", others: [("B", 69)], verdict: .board),
        Case(
            testDescription: "two others failed", others: [("C", 101), ("B", 99), ("D", 10)],
            verdict: .together(slots: ["A", "B", "C"])),
        Case(
            testDescription: "both: the probe says more", others: [("B", 100)], state: .unreachable("gone"),
            verdict: .probeFailed(reason: "gone")),
    ]

    @Test("whose trouble a failure to join is", arguments: cases)
    func rule(_ test: Case) {
        func instant(_ second: Int) -> ContinuousClock.Instant { Self.start + .seconds(second) }
        let failure = NetworkRule.JoinFailure(slot: "A", instant: instant(100))
        let others = test.others.map { NetworkRule.JoinFailure(slot: $0.slot, instant: instant($0.second)) }
        let reading = test.state.map { AccessPointReading($0, instant: instant(test.readAt)) }
        let verdict = NetworkRule().judge(failure, among: others + [failure], reading: reading)
        #expect(verdict == test.verdict)
        #expect(verdict.holds == (test.verdict != .board))
    }

    @Test("a TCP probe tells a listening access point from one that is away")
    func tcp() async throws {
        let server = try BoardServer { _ in nil }
        let probe = AccessPointProbe(.tcp(host: "127.0.0.1", port: server.port))
        #expect(await probe.read().state == .reachable)
        server.stop()
        guard case .unreachable(let reason) = await probe.read().state else {
            Issue.record("expected it to be unreachable")
            return
        }
        #expect(reason.contains("127.0.0.1"))
    }

    @Test(
        "a command's status tells, and a command that cannot be run says nothing",
        arguments: [
            (["true"], true as Bool?), (["false"], false), (["/nonexistent/probe"], nil), ([], nil),
            (["sleep", "600"], false),
        ])
    func command(_ words: [String], _ isReachable: Bool?) async {
        let limit: Duration = words.first == "sleep" ? .milliseconds(100) : .seconds(60)
        let state = await AccessPointProbe(.command(words), within: limit).read().state
        switch state {
        case .reachable: #expect(isReachable == true)
        case .unreachable: #expect(isReachable == false)
        case .unknown: #expect(isReachable == nil)
        }
    }

    @Test("the watch keeps the last reading, tells each, and goes on")
    func watch() async throws {
        let script = Locked<[AccessPointReading.State]>([.reachable, .unreachable("gone"), .reachable])
        let watch = NetworkWatch(every: .milliseconds(1)) {
            AccessPointReading(script.withLock { $0.isEmpty ? .unknown("end") : $0.removeFirst() })
        }
        #expect(await watch.last == nil)
        let stream = await watch.readings()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await watch.run() }
            var seen: [AccessPointReading.State] = []
            for await reading in stream {
                seen.append(reading.state)
                if seen.count == 4 { break }
            }
            #expect(seen == [.reachable, .unreachable("gone"), .reachable, .unknown("end")])
            group.cancelAll()
        }
        #expect(await watch.last?.state == .unknown("end"))
    }

    @Test("a failure looks once more and is judged; a second slot's failure turns the first one's verdict")
    func together() async {
        let looks = Locked(0)
        let watch = NetworkWatch {
            looks.withLock { $0 += 1 }
            return AccessPointReading(.reachable)
        }
        let first = NetworkRule.JoinFailure(slot: "1", instant: .now)
        #expect(await watch.joinFailed(slot: first.slot, at: first.instant) == .board)
        #expect(await watch.joinFailed(slot: "2") == .together(slots: ["1", "2"]))
        #expect(await watch.judge(first) == .together(slots: ["1", "2"]))
        #expect(looks.withLock { $0 } == 2)
    }
}

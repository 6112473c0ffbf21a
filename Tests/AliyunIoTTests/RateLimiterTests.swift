import Testing

@testable import AliyunIoT

@Suite("The station's share of the account's calls", .timeLimit(.minutes(2)))
struct RateLimiterTests {
    @Test("a burst goes at once, then one call for each token")
    func burst() {
        var bucket = TokenBucket(perSecond: 10, burst: 2)
        #expect(bucket.acquire(1, .running, now: .zero) == true)
        #expect(bucket.acquire(2, .running, now: .zero) == true)
        #expect(bucket.acquire(3, .running, now: .zero) == false)
        #expect(bucket.grant(now: .milliseconds(99)) == [])
        #expect(bucket.grant(now: .milliseconds(101)) == [3])
        #expect(bucket.untilNextGrant(now: .milliseconds(101)) == nil)
        // After a pause the bucket is full, never fuller.
        #expect(bucket.acquire(4, .running, now: .seconds(60)) == true)
        #expect(bucket.acquire(5, .running, now: .seconds(60)) == true)
        #expect(bucket.acquire(6, .running, now: .seconds(60)) == false)
    }

    @Test("the urgent go first, and within a priority the first come")
    func priorities() {
        var bucket = TokenBucket(perSecond: 1, burst: 1)
        #expect(bucket.acquire(0, .reconcile, now: .zero) == true)
        let waiting: [(UInt64, RateLimiter.Priority)] = [
            (1, .reconcile), (2, .watch), (3, .workflow), (4, .running), (5, .running), (6, .workflow),
        ]
        for (id, priority) in waiting { #expect(bucket.acquire(id, priority, now: .zero) == false) }
        bucket.cancel(5)
        var order: [UInt64] = []
        for second in 1...6 { order += bucket.grant(now: .seconds(second)) }
        #expect(order == [4, 3, 6, 2, 1])
        #expect(bucket.isEmpty)
    }

    @Test("nobody overtakes a more urgent call that waits")
    func noOvertaking() {
        var bucket = TokenBucket(perSecond: 1, burst: 1)
        #expect(bucket.acquire(0, .running, now: .zero) == true)
        #expect(bucket.acquire(1, .running, now: .zero) == false)
        #expect(bucket.acquire(2, .watch, now: .seconds(1)) == false)
        #expect(bucket.acquire(3, .running, now: .seconds(1)) == false)
        #expect(bucket.grant(now: .seconds(1)) == [1])
    }

    @Test("all who wait get their turn, a cancelled one leaves none behind")
    func limiter() async throws {
        let limiter = RateLimiter(perSecond: 200, burst: 1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await limiter.acquire(RateLimiter.Priority.allCases[number % 4])
                }
            }
            try await group.waitForAll()
        }
        let slow = RateLimiter(perSecond: 0.001, burst: 1)
        try await slow.acquire()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    do {
                        try await slow.acquire(.watch)
                        return false
                    } catch { return error is CancellationError }
                }
            }
            group.cancelAll()
            for await isCancelled in group { #expect(isCancelled) }
        }
    }

    @Test("waits grow and are random; what the cloud asks for is kept; what cannot be repeated is given up")
    func backOff() {
        let throttled = CloudError(.throttled, "")
        var backOff = BackOff(isRepeatable: true)
        #expect(backOff.decide(after: throttled, remaining: .seconds(60), random: 0) == .wait(.milliseconds(125)))
        #expect(backOff.decide(after: throttled, remaining: .seconds(60), random: 1) == .wait(.milliseconds(500)))
        for _ in 0..<10 { _ = backOff.decide(after: throttled, remaining: .seconds(60), random: 1) }
        #expect(backOff.decide(after: throttled, remaining: .seconds(60), random: 1) == .wait(.seconds(8)))
        #expect(backOff.decide(after: throttled, remaining: .seconds(8), random: 1) == .giveUp)
        let asked = CloudError(.throttled, "", retryAfter: .seconds(20))
        #expect(backOff.decide(after: asked, remaining: .seconds(60), random: 1) == .wait(.seconds(28)))

        for code in CloudError.Code.allCases {
            var read = BackOff(isRepeatable: true)
            var write = BackOff(isRepeatable: false)
            let error = CloudError(code, "")
            let passes: [CloudError.Code] = [.throttled, .outage, .timeout, .unreachable]
            let safe: [CloudError.Code] = [.throttled, .unreachable]
            let again = read.decide(after: error, remaining: .seconds(9)) != .giveUp
            #expect(again == passes.contains(code))
            let againBlindly = write.decide(after: error, remaining: .seconds(9)) != .giveUp
            #expect(againBlindly == safe.contains(code))
        }
    }
}

import Testing

@testable import Execution

@Suite("When copies are looked for")
struct CopyRoundsTests {
    @Test("at once, then each hour; after looks that tell nothing sooner, with waits that double up to an hour")
    func waits() {
        var rounds = CopyRounds(interval: .seconds(3600), retry: .seconds(30))
        var now = ContinuousClock.now
        #expect(rounds.isDue("a", at: now))
        let looks: [(tells: Bool, wait: Int)] = [
            (true, 3600), (false, 30), (false, 60), (false, 120), (false, 240), (false, 480), (false, 960),
            (false, 1920), (false, 3600), (false, 3600), (true, 3600), (false, 30), (true, 3600),
        ]
        for look in looks {
            rounds.note("a", tells: look.tells, at: now)
            #expect(!rounds.isDue("a", at: now + .seconds(look.wait) - .milliseconds(1)), "\(look)")
            now += .seconds(look.wait)
            #expect(rounds.isDue("a", at: now), "\(look)")
        }
    }

    @Test("an order that begins to work has its product looked at at once, a shift every product")
    func atOnce() {
        var rounds = CopyRounds(interval: .seconds(3600), retry: .seconds(30))
        let now = ContinuousClock.now
        for product in ["a", "b"] { rounds.note(product, tells: true, at: now) }
        rounds.lookNow("a")
        #expect(rounds.isDue("a", at: now) && !rounds.isDue("b", at: now))
        rounds.lookNow()
        #expect(rounds.isDue("b", at: now))
    }
}

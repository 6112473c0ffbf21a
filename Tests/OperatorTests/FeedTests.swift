import Journal
import NIOHTTP1
import Provisioning
import Testing

@testable import Execution
@testable import Operator

@Suite("What every page shows")
struct FeedTests {
    @Test("a page without a place gets a snapshot, then every change under the next number")
    func freshPage() async throws {
        try await OperatorBed.with { bed in
            let events = try await bed.events { events in
                if events.count == 1 {
                    var status = SlotStatus(slot: "2")
                    (status.word, status.run, status.identity) = (.busy, 7, "6055F9000000")
                    bed.events.send(.slot(status))
                }
                return events.contains { $0.name == "slot" }
            }
            #expect(events.first?.name == "snapshot")
            #expect(events.first?.json["slots"].array?.count == 4)
            #expect(events.first?.json["cursor"].string == events.first?.id)
            let slot = try #require(events.last { $0.name == "slot" })
            #expect(slot.json["word"] == "BUSY")
            #expect(slot.json["run"] == 7)
            #expect(Schema.slot.problems(slot.json) == [])
        }
    }

    @Test("a page that comes back gets what came since, and nothing twice")
    func resume() async throws {
        try await OperatorBed.with { bed in
            let first = try await bed.events { events in
                if events.count == 1 { bed.events.send(.notice("one")) }
                return events.contains { $0.name == "notice" }
            }
            bed.events.send(.notice("two"))
            bed.events.send(.notice("three"))
            let second = try await bed.events(after: first.last?.id) { $0.filter { $0.name == "notice" }.count == 2 }
            #expect(second.filter { $0.name == "notice" }.map { $0.json["en"] } == ["two", "three"])
            let numbers = (first + second).map { Int($0.id.split(separator: "-")[1]) ?? -1 }
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 }, "\(numbers)")
        }
    }

    @Test("a page with a place of another life gets a snapshot", arguments: ["nonsense", "00000000-1", "-", "1"])
    func otherLife(id: String) async throws {
        try await OperatorBed.with { bed in
            let events = try await bed.events(after: id) { !$0.isEmpty }
            #expect(events.first?.name == "snapshot")
        }
    }

    @Test("the state answers as its schema says")
    func state() async throws {
        try await OperatorBed.with { bed in
            let answer = try await bed.api(.GET, "/state")
            #expect(answer.status == 200)
            #expect(Schema.snapshot.problems(answer.json) == [])
        }
    }

    @Test("a ring keeps its last events and says when a place is gone")
    func ring() {
        var ring = EventRing(epoch: "e", capacity: 3)
        for number in 1...5 { ring.append("n", String(number)) }
        #expect(ring.events(after: 5) == [])
        #expect(ring.events(after: 3)?.map(\.number) == [4, 5])
        #expect(ring.events(after: 2)?.map(\.data) == ["3", "4", "5"])
        #expect(ring.events(after: 1) == nil)
        #expect(ring.events(after: 6) == nil)
        #expect(ring.number(id: "e-3") == 3)
        #expect(ring.number(id: "f-3") == nil)
        #expect(ring.number(id: "e-9") == nil)
    }

    @Test("progress goes out five times a second, everything else at once")
    func pace() {
        var pacer = ProgressPacer()
        let start = ContinuousClock.now
        func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }
        func admit(_ slot: String, _ isProgressOnly: Bool, _ time: Int) -> Bool {
            pacer.admit(slot, isProgressOnly: isProgressOnly, at: at(time))
        }
        func due(_ time: Int) -> [String] { pacer.due(at: at(time)) }
        #expect(admit("1", false, 0))
        #expect(!admit("1", true, 100))
        #expect(admit("2", true, 100))
        #expect(due(150) == [])
        #expect(due(200) == ["1"])
        #expect(due(500) == [])
        #expect(admit("1", false, 210))
    }
}

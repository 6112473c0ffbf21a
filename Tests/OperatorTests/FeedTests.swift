import Foundation
import Hummingbird
import HummingbirdCore
import HTTPTypes
import Journal
import Logging
import NIOCore
import NIOEmbedded
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

    @Test("a page whose connection breaks again and again ends in the same state as one that is loaded anew")
    func broken() async throws {
        try await OperatorBed.with(slots: 8) { bed in
            var generator = Seeded(state: 7)
            var (page, last, previous) = (Folded(), nil as String?, nil as Int?)
            for round in 1...100 {
                let wanted = Int.random(in: 1...4, using: &generator)
                let slot = String(Int.random(in: 1...8, using: &generator))
                let words = SlotStatus.Word.allCases
                let word = words[Int.random(in: 0..<words.count, using: &generator)]
                for number in 0..<wanted {
                    var status = SlotStatus(slot: slot)
                    (status.word, status.run) = (word, Int64(round * 10 + number))
                    bed.events.send(.slot(status))
                }
                // The reader goes away after a random part of what is there; the connection is dropped with the iterator.
                let got = try await bed.events(after: last) { !$0.isEmpty }
                let kept = got.prefix(Int.random(in: 1...got.count, using: &generator))
                for event in kept {
                    if let number = Int(event.id.split(separator: "-")[1]), event.name != "snapshot" {
                        #expect(previous.map { number == $0 + 1 } ?? true, "\(event.id) after \(previous ?? -1)")
                        previous = number
                    } else {
                        previous = Int(event.id.split(separator: "-")[1])
                    }
                    page.take(event)
                    last = event.id
                }
            }
            var fresh = try await bed.api(.GET, "/state").json
            while last != fresh["cursor"].string {
                let cursor = fresh["cursor"].string
                for event in try await bed.events(after: last, until: { $0.last?.id == cursor }) {
                    page.take(event)
                    last = event.id
                }
                fresh = try await bed.api(.GET, "/state").json
            }
            #expect(page.slots == Folded(snapshot: fresh).slots)
        }
    }

    @Test("a reader that does not take its bytes is cut, and costs the feed nothing")
    func slow() async throws {
        let channel = NIOAsyncTestingChannel()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        let folder = FileManager.default.temporaryDirectory.path + "/feed-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let feed = Feed(
            station: StationFacts(id: "L", version: "1", slots: [("1", "p")], language: .zh),
            journal: try Journal(folder: folder), clock: OperatorClock(), health: { [] }, epoch: "e",
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let stream = EventStream(feed: feed, epoch: "e", channel: channel, lastID: nil)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var writer: any ResponseBodyWriter = StuckWriter(channel: channel, begin: begin)
                await #expect(throws: (any Error).self) { try await stream.write(to: &writer) }
            }
            for await _ in begun {}
            #expect(await feed.readerCount == 1)
            await channel.testingEventLoop.advanceTime(by: EventStream.patience)
            try await group.waitForAll()
        }
        #expect(!channel.isActive)
        #expect(await feed.readerCount == 0)
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

/// What a page keeps of the events it has seen.
private struct Folded {
    var slots: [String: JSONValue] = [:]

    init() {}

    init(snapshot: JSONValue) {
        for slot in snapshot["slots"].array ?? [] { slots[slot["slot"].string ?? ""] = slot }
    }

    mutating func take(_ event: ServerEvent) {
        switch event.name {
        case "snapshot": self = Folded(snapshot: event.json)
        case "slot": slots[event.json["slot"].string ?? ""] = event.json
        default: break
        }
    }
}

/// Random numbers that are the same at every run.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}

/// A reader that takes nothing: a write ends when its connection does.
private struct StuckWriter: ResponseBodyWriter {
    let channel: NIOAsyncTestingChannel
    let begin: AsyncStream<Void>.Continuation

    mutating func write(_ buffer: ByteBuffer) async throws {
        begin.finish()
        try await channel.closeFuture.get()
        throw ChannelError.ioOnClosedChannel
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

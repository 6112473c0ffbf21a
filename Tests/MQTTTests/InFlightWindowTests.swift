import NIOCore
import Testing

@testable import MQTT

@Suite("Window of unacknowledged requests")
struct InFlightWindowTests {
    private func identifier(_ packet: Packet?) -> UInt16? {
        guard case .puback(let id)? = packet else { return nil }
        return id
    }

    @Test("twenty are sent, the next waits for an acknowledgement, in order")
    func window() {
        var window = InFlightWindow<Int>()
        for request in 1...20 {
            #expect(identifier(window.submit(request) { .puback(id: $0) }) == UInt16(request))
        }
        #expect(window.submit(21) { .puback(id: $0) } == nil)
        #expect(window.submit(22) { .puback(id: $0) } == nil)
        #expect(window.inFlight.count == 20 && window.waiting.count == 2)

        let first = window.acknowledge(7)
        #expect(first?.done.request == 7)
        #expect(identifier(first?.next) == 21)
        #expect(window.inFlight[21]?.request == 21)
        #expect(window.acknowledge(7) == nil, "a repeated acknowledgement has no effect")
        #expect(identifier(window.acknowledge(1)?.next) == 22)
        #expect(window.acknowledge(2)?.next == nil)
    }

    @Test("identifiers go from 65535 to 1, never 0, and skip those in use [MQTT-2.3.1-1, -2]")
    func wrapAround() {
        var window = InFlightWindow<String>(limit: 20, lastID: 65_533)
        #expect(identifier(window.submit("a") { .puback(id: $0) }) == 65_534)
        #expect(identifier(window.submit("b") { .puback(id: $0) }) == 65_535)
        #expect(identifier(window.submit("c") { .puback(id: $0) }) == 1)
        #expect(identifier(window.submit("d") { .puback(id: $0) }) == 2)
        _ = window.acknowledge(65_535)
        // Once round: 1, 2 and 65534 are still waited for.
        for _ in 0..<65_531 {
            let id = identifier(window.submit("round") { .puback(id: $0) })
            #expect(id != nil && ![0, 1, 2, 65_534].contains(id))
            if let id { _ = window.acknowledge(id) }
        }
        #expect(identifier(window.submit("e") { .puback(id: $0) }) == 65_535)
        #expect(identifier(window.submit("f") { .puback(id: $0) }) == 3)
    }

    @Test("at the end everything without an answer is given back once, the oldest first")
    func removeAll() {
        var window = InFlightWindow<Int>(limit: 2)
        for request in 1...4 { _ = window.submit(request) { .puback(id: $0) } }
        #expect(window.removeAll() == [1, 2, 3, 4])
        #expect(window.removeAll().isEmpty)
        #expect(window.acknowledge(1) == nil)
    }
}

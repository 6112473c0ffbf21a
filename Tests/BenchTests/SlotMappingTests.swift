import Bench
import Testing

@Suite struct SlotMappingTests {
    /// Looks twice, a second apart each, and returns what came.
    private func look(_ mapping: inout SlotMapping, _ machine: FakeMachine, at second: Int) -> [SlotMapping.Event] {
        let tree = USBTopology.read(machine.roots)
        return mapping.look(tree, at: .seconds(second)) + mapping.look(tree, at: .seconds(second + 1))
    }

    private func refusals(_ events: [SlotMapping.Event]) -> [SlotMapping.Refusal] {
        events.compactMap { if case .refuse(let reason, _) = $0 { reason } else { nil } }
    }

    @Test("a board plugged in, taken out and plugged in again maps the slot")
    func mapped() throws {
        let machine = try FakeMachine()
        try machine.addHub("1-2")
        try machine.addBridge("1-2.1", [0: "ttyUSB0"])
        var mapping = SlotMapping(slot: "3", mapped: ["1": "usb:1-2.1", "4": "socket://h:1"])
        #expect(look(&mapping, machine, at: 0).count == 1)
        try machine.addBridge("1-2.3", [0: "ttyUSB1"])
        let found = look(&mapping, machine, at: 2)
        guard case .instruct(let sentence) = found.first else {
            Issue.record("no instruction")
            return
        }
        #expect(found.count == 1)
        #expect(sentence.en.contains("usb:1-2.3"))
        #expect(sentence.zh.contains("usb:1-2.3"))
        try machine.unplug("1-2.3")
        #expect(look(&mapping, machine, at: 4).count == 1)
        try machine.addBridge("1-2.3", [0: "ttyUSB5"])
        #expect(look(&mapping, machine, at: 6) == [.mapped("usb:1-2.3")])
        #expect(mapping.isDone)
        #expect(look(&mapping, machine, at: 600).isEmpty)
    }

    @Test("a board that lay there at the start counts once it was taken out")
    func laying() throws {
        let machine = try FakeMachine()
        try machine.addBridge("1-1", [0: "ttyUSB0"])
        var mapping = SlotMapping(slot: "1", mapped: [:])
        #expect(look(&mapping, machine, at: 0).count == 1)
        try machine.unplug("1-1")
        #expect(look(&mapping, machine, at: 2).isEmpty)
        try machine.addBridge("1-1", [0: "ttyUSB0"])
        #expect(look(&mapping, machine, at: 4).count == 1)
        try machine.unplug("1-1")
        _ = look(&mapping, machine, at: 6)
        try machine.addBridge("1-1", [0: "ttyUSB0"])
        #expect(look(&mapping, machine, at: 8) == [.mapped("usb:1-1")])
    }

    @Test("two boards at once are refused until one is left")
    func two() throws {
        let machine = try FakeMachine()
        var mapping = SlotMapping(slot: "1", mapped: [:])
        _ = look(&mapping, machine, at: 0)
        try machine.addBridge("1-1", [0: "ttyUSB0"])
        try machine.addBridge("1-2", [0: "ttyUSB1"])
        let refused = look(&mapping, machine, at: 2)
        let places = try ["1-1", "1-2"].map { try #require(USBPortPath($0)) }
        #expect(refusals(refused) == [.severalBoards(places)])
        #expect(look(&mapping, machine, at: 4).isEmpty)
        try machine.unplug("1-2")
        let events = look(&mapping, machine, at: 6)
        #expect(events.count == 1)
        #expect(refusals(events).isEmpty)
    }

    @Test("another slot's port is refused, the slot's own may be found again")
    func taken() throws {
        let machine = try FakeMachine()
        let place = try #require(USBPortPath("1-1"))
        for (slot, expected) in [("1", []), ("2", [SlotMapping.Refusal.alreadyMapped(place, slot: "1")])] {
            var mapping = SlotMapping(slot: slot, mapped: ["1": "usb:1-1:1.0"])
            _ = look(&mapping, machine, at: 0)
            try machine.addBridge("1-1", [0: "ttyUSB0"])
            #expect(refusals(look(&mapping, machine, at: 2)) == expected)
            try machine.unplug("1-1")
        }
    }

    @Test("a board with two serial ports needs an interface")
    func interfaces() throws {
        let machine = try FakeMachine()
        for (interface, isRefused) in [(nil, true), (1, false), (4, true)] as [(Int?, Bool)] {
            var mapping = SlotMapping(slot: "1", mapped: [:], interface: interface)
            _ = look(&mapping, machine, at: 0)
            try machine.addBridge("1-1", [0: "ttyUSB0", 1: "ttyUSB1"])
            let events = look(&mapping, machine, at: 2)
            #expect(refusals(events).isEmpty != isRefused)
            try machine.unplug("1-1")
            guard !isRefused else { continue }
            _ = look(&mapping, machine, at: 4)
            try machine.addBridge("1-1", [0: "ttyUSB0", 1: "ttyUSB1"])
            #expect(look(&mapping, machine, at: 6) == [.mapped("usb:1-1:1.1")])
            try machine.unplug("1-1")
        }
    }

    @Test("a board in DFU mode maps a slot; one that comes back elsewhere does not")
    func elsewhere() throws {
        let machine = try FakeMachine()
        var mapping = SlotMapping(slot: "1", mapped: [:])
        _ = look(&mapping, machine, at: 0)
        try machine.addDFU("1-1")
        _ = look(&mapping, machine, at: 2)
        try machine.unplug("1-1")
        _ = look(&mapping, machine, at: 4)
        try machine.addDFU("1-3")
        let places = try ["1-1", "1-3"].map { try #require(USBPortPath($0)) }
        #expect(
            refusals(look(&mapping, machine, at: 6)) == [.otherPlace(expected: places[0], received: places[1])])
        try machine.unplug("1-3")
        try machine.addDFU("1-1")
        #expect(look(&mapping, machine, at: 8) == [.mapped("usb:1-1")])
    }

    @Test("each step has its time")
    func late() throws {
        let machine = try FakeMachine()
        var mapping = SlotMapping(slot: "1", mapped: [:], patience: .seconds(10))
        _ = look(&mapping, machine, at: 0)
        try machine.addBridge("1-1", [0: "ttyUSB0"])
        _ = look(&mapping, machine, at: 8)
        #expect(look(&mapping, machine, at: 15).isEmpty)
        let events = look(&mapping, machine, at: 30)
        #expect(events.count == 1)
        guard case .timedOut = events.first else {
            Issue.record("not timed out")
            return
        }
        #expect(mapping.isDone)
    }
}

@Suite struct SlotOccupancyTests {
    private let slots = ["1": "usb:1-2.1", "2": "usb:1-2.2", "3": "socket://h:1"]

    private func path(_ text: String) throws -> USBPortPath { try #require(USBPortPath(text)) }

    @Test("boards on their slots are no finding, whatever else is on the PC")
    func clean() throws {
        let machine = try FakeMachine()
        try machine.addHub("1-2")
        try machine.addBridge("1-2.1", [0: "ttyUSB0"])
        try machine.addACM("1-9", "ttyACM0")
        let occupancy = SlotOccupancy(slots: slots, ignored: [try path("1-9")])
        #expect(occupancy.findings(in: .read(machine.roots)).isEmpty)
    }

    @Test("a hub on a slot, several boards on it, and a board on no slot are told apart")
    func findings() throws {
        let machine = try FakeMachine()
        try machine.addHub("1-2")
        try machine.addHub("1-2.1")
        try machine.addHub("1-2.2")
        try machine.addBridge("1-2.1.1", [0: "ttyUSB0"])
        try machine.addDFU("1-2.1.2")
        try machine.addBridge("1-2.2.4", [0: "ttyUSB1"])
        try machine.addBridge("1-2.3", [0: "ttyUSB2"])
        let found = SlotOccupancy(slots: slots).findings(in: .read(machine.roots))
        #expect(
            found == [
                .severalBoards(slot: "1", boards: [try path("1-2.1.1"), try path("1-2.1.2")]),
                .extraHub(slot: "2", board: try path("1-2.2.4")),
                .unmapped(try path("1-2.3"), model: "10c4:ea60"),
            ])
        #expect(found.map(\.candidateCode) == ["severalBoards", "extraHub", "unmappedBoard"])
        #expect(found.allSatisfy { !$0.sentence.zh.isEmpty && !$0.sentence.en.isEmpty })
    }

    @Test("a board moved during its run is followed where that is certain")
    func moved() throws {
        let machine = try FakeMachine()
        try machine.addHub("1-2")
        try machine.addBridge("1-2.1", [0: "ttyUSB0"], serial: "0001")
        let before = USBTopology.read(machine.roots)
        try machine.unplug("1-2.1")
        let occupancy = SlotOccupancy(slots: slots)
        #expect(occupancy.moves(from: before, to: .read(machine.roots), running: ["1"]).isEmpty)
        try machine.addBridge("1-2.2", [0: "ttyUSB0"], serial: "0001")
        let now = USBTopology.read(machine.roots)
        #expect(
            occupancy.moves(from: before, to: now, running: ["1"])
                == [.moved(slot: "1", to: try path("1-2.2"), toSlot: "2")])
        #expect(occupancy.moves(from: before, to: now, running: []).isEmpty)
        // A second one of the kind: it cannot be told which.
        try machine.addBridge("1-2.4", [0: "ttyUSB1"], serial: "0001")
        #expect(occupancy.moves(from: before, to: .read(machine.roots), running: ["1"]).isEmpty)
    }
}

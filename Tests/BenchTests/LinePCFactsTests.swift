import Bench
import Testing

@Suite struct LinePCFactsTests {
    private func facts(
        _ machine: FakeMachine, account: LinePCFacts.Account = .init(isRoot: false, groups: ["dialout"])
    ) -> LinePCFacts {
        let places = LinePCFacts.Places(
            ports: machine.roots, proc: "\(machine.folder)/proc", udevRules: ["\(machine.folder)/udev"],
            programs: ["\(machine.folder)/bin"])
        return LinePCFacts.read(places, account: account)
    }

    @Test("a machine without anything has no rules and no meddlers")
    func bare() throws {
        let machine = try FakeMachine()
        let facts = facts(machine)
        #expect(facts.rules == nil)
        #expect(!facts.isUdevRunning)
        #expect(!facts.isModemManagerRunning)
        #expect(!facts.isBrlttyRunning)
        #expect(!facts.isBrlttyInstalled)
        #expect(facts.slowTimers.isEmpty)
        #expect(facts.sharedHubs.isEmpty)
        #expect(facts.autosuspended.isEmpty)
    }

    @Test("rules, running programs and installed ones are found")
    func programs() throws {
        let machine = try FakeMachine()
        try machine.write("", "\(machine.folder)/udev/60-provisioning-station.rules")
        try machine.write("", "\(machine.folder)/udev/85-brltty.rules")
        try machine.addProcess(12, "systemd-udevd")
        try machine.addProcess(13, "ModemManager")
        try machine.addProcess(14, "brltty")
        let facts = facts(machine)
        #expect(facts.rules == "\(machine.folder)/udev/60-provisioning-station.rules")
        #expect(facts.isUdevRunning)
        #expect(facts.isModemManagerRunning)
        #expect(facts.isBrlttyRunning)
        #expect(facts.isBrlttyInstalled)
    }

    @Test("long latency timers and autosuspend are found, of hubs above ports, too")
    func settings() throws {
        let machine = try FakeMachine()
        try machine.addHub("1-2", translators: 2)
        try machine.addBridge("1-2.1", [0: "ttyUSB0"], driver: "ftdi_sio", latency: 16)
        try machine.addBridge("1-2.2", [0: "ttyUSB1"], driver: "ftdi_sio", latency: 1)
        try machine.addDFU("1-3")
        for path in ["1-2", "1-2.1", "1-3"] { try machine.set(path, "power/control", "auto") }
        try machine.set("1-2.1", "power/autosuspend_delay_ms", "-1000")
        let facts = facts(machine)
        #expect(facts.slowTimers.map(\.tty) == ["ttyUSB0"])
        #expect(facts.slowTimers.map(\.milliseconds) == [16])
        #expect(facts.autosuspended == [USBPortPath("1-2")])
    }

    @Test("bridges share 12 Mbit/s behind one translator or a full-speed hub, not behind one for each port")
    func hubs() throws {
        let machine = try FakeMachine()
        try machine.addHub("1-1", translators: 1)
        try machine.addHub("1-2", translators: 2)
        try machine.addHub("1-3", speed: "12", translators: 0)
        // A full-speed hub on one port of a hub that has a translator for each.
        try machine.addHub("1-2.4", speed: "12", translators: 0)
        var number = 0
        for path in ["1-1.1", "1-1.2", "1-2.1", "1-2.2", "1-3.1", "1-3.2", "1-2.4.1", "1-2.4.2", "1-5"] {
            try machine.addBridge(path, [0: "ttyUSB\(number)"])
            number += 1
        }
        let hubs = facts(machine).sharedHubs
        #expect(hubs.map(\.hub) == ["1-1", "1-2.4", "1-3"].map { USBPortPath($0) })
        #expect(hubs.map(\.isFullSpeed) == [false, true, true])
        #expect(hubs.allSatisfy { $0.members.count == 2 })
    }

    @Test(
        "a shared hub carries so many bridges at a rate",
        arguments: [(2, 2_000_000, true), (8, 2_000_000, false), (8, 921_600, true), (12, 921_600, false)])
    func bandwidth(_ count: Int, _ baud: Int, _ carries: Bool) throws {
        let machine = try FakeMachine()
        try machine.addHub("1-1")
        for port in 1...count { try machine.addBridge("1-1.\(port)", [0: "ttyUSB\(port)"]) }
        let hub = try #require(facts(machine).sharedHubs.first)
        #expect(hub.carries(baud: baud) == carries)
        #expect(hub.highestBaud == (count > 10 ? 460_800 : 921_600))
    }

    @Test("this machine can be read")
    func here() { _ = LinePCFacts.read() }
}

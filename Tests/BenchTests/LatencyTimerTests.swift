import Bench
import Foundation
import Testing

@Suite struct LatencyTimerTests {
    @Test("a long timer is shortened, a short one kept, a missing one told")
    func shortened() throws {
        let machine = try FakeMachine()
        try machine.addBridge("1-2", [0: "ttyUSB0"], driver: "ftdi_sio", latency: 16)
        try machine.addBridge("1-3", [0: "ttyUSB1"])
        let timer = LatencyTimer(roots: machine.roots)
        #expect(try timer.shorten(PortAddress("usb:1-2", roots: machine.roots)) == .set(from: 16, to: 1))
        #expect(timer.milliseconds(of: "ttyUSB0") == 1)
        #expect(timer.shorten("ttyUSB0") == .kept(milliseconds: 1))
        #expect(timer.shorten("ttyUSB1") == .none)
        #expect(try timer.shorten(PortAddress("socket://127.0.0.1:9")) == .none)
    }

    @Test("a timer that cannot be set stays and is reported with the reason")
    func refused() throws {
        let machine = try FakeMachine()
        try machine.addBridge("1-2", [0: "ttyUSB0"], driver: "ftdi_sio")
        // Reading gives 16; writing goes nowhere.
        let timer = LatencyTimer(roots: machine.roots)
        try machine.link(timer.file(of: "ttyUSB0"), "/proc/sys/kernel/random/entropy_avail")
        guard case .refused(let milliseconds, let reason) = timer.shorten("ttyUSB0") else {
            Issue.record("the timer was not refused")
            return
        }
        #expect(milliseconds > 1)
        #expect(!reason.isEmpty)
    }
}

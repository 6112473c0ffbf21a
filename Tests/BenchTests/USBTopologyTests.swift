import Bench
import Foundation
import Testing

@Suite struct USBTopologyTests {
    @Test("port paths are read and written alike", arguments: ["1-2", "1-2.3", "3-1.4.4.2", "12-15"])
    func portPaths(_ text: String) { #expect(USBPortPath(text)?.description == text) }

    @Test(
        "anything else is no port path",
        arguments: [
            "", "1", "usb1", "1-", "1-0", "0-1", "1-02", "1-2.", "1-2:1.0", "1-2.3.4.5.6.7.8.9", "1-256", "a-1",
        ])
    func noPortPaths(_ text: String) { #expect(USBPortPath(text) == nil) }

    @Test("a hub's ports are below it, its neighbours' are not")
    func below() throws {
        let hub = try #require(USBPortPath("1-2"))
        #expect(try #require(USBPortPath("1-2.3.1")).isBelow(hub))
        #expect(try !#require(USBPortPath("1-21")).isBelow(hub))
        #expect(try !#require(USBPortPath("2-2.3")).isBelow(hub))
        #expect(!hub.isBelow(hub))
    }

    @Test("serial ports are listed with place, interface, driver and device, others left out")
    func listing() throws {
        let machine = try FakeMachine()
        try machine.addHub("1-2", translators: 2)
        try machine.addBridge("1-2.3", [0: "ttyUSB1", 1: "ttyUSB0"], driver: "ftdi_sio", serial: "A1")
        try machine.addACM("1-2.4", "ttyACM0")
        try machine.addDFU("1-2.1", serial: "STM")
        try machine.addOnboard("ttyS0")
        let tree = USBTopology.read(machine.roots)

        #expect(tree.ports.map(\.tty) == ["ttyUSB1", "ttyUSB0", "ttyACM0"])
        #expect(tree.ports.map(\.interface) == [0, 1, 0])
        #expect(tree.ports.map(\.driver) == ["ftdi_sio", "ftdi_sio", "cdc_acm"])
        let first = try #require(tree.ports.first)
        #expect(first.portPath?.description == "1-2.3")
        #expect(first.device.model == "10c4:ea60")
        #expect(first.device.serial == "A1")
        #expect(first.device.speed == 12)
        #expect(first.device.controller == "0000:00:14.0")
        #expect(first.byPathName == "pci-0000:00:14.0-usb-0:2.3:1.0-port0")
        #expect(tree.ports.last?.byPathName == "pci-0000:00:14.0-usb-0:2.4:1.0")
        #expect(tree.hubs(above: first.device).map(\.speed) == [480, 480])
        #expect(tree.bareDevices.map { $0.portPath?.description } == ["1-2.1"])
        #expect(tree.boards.map { $0.portPath?.description } == ["1-2.1", "1-2.3", "1-2.4"])
    }

    @Test("a machine without USB has an empty tree")
    func noUSB() {
        let tree = USBTopology.read(PortRoots(sys: "/nonexistent", dev: "/nonexistent"))
        #expect(tree.devices.isEmpty)
        #expect(tree.ports.isEmpty)
    }
}

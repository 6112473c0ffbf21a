import Bench
import Foundation
import Testing

@Suite struct USBPortAddressTests {
    @Test(
        "places on the USB tree are read and written alike",
        arguments: ["usb:1-2", "usb:1-2.3", "usb:1-2.3:1.0", "usb:3-1.4:1.12"])
    func accepted(_ text: String) throws {
        let address = try PortAddress(text)
        #expect(address.description == text)
        #expect(address.isLasting)
    }

    @Test(
        "anything else after usb: or by-path: is refused",
        arguments: [
            "usb:", "usb:1", "usb:1-2:", "usb:1-2:0", "usb:1-2:2.0", "usb:1-2:1.x", "usb:1-2:1.00", "usb:1-2:1.0:1",
            "by-path:", "by-path:a/b",
        ])
    func refused(_ text: String) {
        #expect { try PortAddress(text) } throws: { ($0 as? LinkError)?.code == .address }
    }

    @Test("the kernel's names and by-id links are no lasting places, by-path names are")
    func lasting() throws {
        #expect(try !PortAddress("/dev/ttyUSB0").isLasting)
        #expect(try !PortAddress("/dev/ttyACM3").isLasting)
        #expect(try !PortAddress("/dev/serial/by-id/usb-x").isLasting)
        #expect(try PortAddress("by-path:pci-x").isLasting)
        #expect(try PortAddress("by-path:pci-x").description == "/dev/serial/by-path/pci-x")
        #expect(try PortAddress("/dev/pts/1").isLasting)
    }

    @Test("a place is opened under whatever name the kernel gave it, also after that changed")
    func opened() throws {
        let machine = try FakeMachine()
        let pty = try PseudoTerminal()
        let address = try PortAddress("usb:1-2", roots: machine.roots)
        #expect(!address.isPresent())
        try machine.addBridge("1-2", [0: "ttyUSB0"], target: pty.path)
        #expect(address.isPresent())
        let link = try address.open(baud: 115_200)
        #expect(link.port.hasPrefix("usb:1-2 (") && link.port.hasSuffix("ttyUSB0)"))
        #expect(link.isAlive)
        link.close()

        try machine.unplug("1-2")
        #expect(!address.isPresent())
        try machine.addBridge("1-2", [0: "ttyUSB7"], target: pty.path)
        #expect(try address.devicePath()?.hasSuffix("ttyUSB7") == true)
        let again = try address.open(baud: 115_200)
        try again.write([65], deadline: .now + .seconds(30))
        #expect(pty.receive() == [65])
        again.close()
    }

    @Test("errors name the place and what is there instead")
    func errors() throws {
        let machine = try FakeMachine()
        try machine.addHub("1-1")
        try machine.addDFU("1-2")
        try machine.addBridge("1-3", [0: "ttyUSB0", 1: "ttyUSB1"])
        func refusal(_ text: String) throws -> LinkError? {
            let address = try PortAddress(text, roots: machine.roots)
            do { _ = try address.devicePath() } catch { return error }
            return nil
        }
        let empty = try #require(try refusal("usb:1-9"))
        #expect(empty.code == .absent)
        #expect(empty.description.hasPrefix("usb:1-9: nothing is plugged in"))
        #expect(try refusal("usb:1-1")?.sentence.contains("a hub") == true)
        #expect(try refusal("usb:1-2")?.sentence.contains("DFU") == true)
        let two = try #require(try refusal("usb:1-3"))
        #expect(two.code == .address)
        #expect(two.sentence.contains("ttyUSB0 (usb:1-3:1.0) and ttyUSB1 (usb:1-3:1.1)"))
        #expect(try refusal("usb:1-3:1.1") == nil)
        let third = try #require(try refusal("usb:1-3:1.2"))
        #expect(third.code == .absent)
        #expect(third.sentence.contains("interface 2"))
    }

    @Test("a by-path name without udev's link is looked up in sysfs")
    func byPath() throws {
        let machine = try FakeMachine()
        let address = try PortAddress("by-path:pci-0000:00:14.0-usb-0:2.3:1.0-port0", roots: machine.roots)
        #expect(!address.isPresent())
        try machine.addHub("1-2")
        try machine.addBridge("1-2.3", [0: "ttyUSB4"])
        #expect(address.isPresent())
        #expect(try address.devicePath()?.hasSuffix("/ttyUSB4") == true)
    }

    @Test("a stamp tells the same, enumerated anew, renamed, gone and another device apart")
    func stamps() throws {
        let machine = try FakeMachine()
        let address = try PortAddress("usb:1-2", roots: machine.roots)
        try machine.addBridge("1-2", [0: "ttyUSB0"])
        let first = try #require(PortStamp.stamp(of: address))
        #expect(first.tty == "ttyUSB0")
        #expect(first.change(to: PortStamp.stamp(of: address)) == .same)
        try machine.unplug("1-2")
        #expect(first.change(to: PortStamp.stamp(of: address)) == .gone)
        try machine.addBridge("1-2", [0: "ttyUSB0"])
        #expect(first.change(to: PortStamp.stamp(of: address)) == .reenumerated)
        try machine.unplug("1-2")
        try machine.addBridge("1-2", [0: "ttyUSB1"])
        #expect(first.change(to: PortStamp.stamp(of: address)) == .renamed)
        try machine.unplug("1-2")
        try machine.addDFU("1-2")
        let dfu = try #require(PortStamp.stamp(of: address))
        #expect(dfu.tty == nil)
        #expect(first.change(to: dfu) == .renamed)
    }

    @Test("a name of the kernel that moved to another place is another device")
    func moved() throws {
        let machine = try FakeMachine()
        let address = try PortAddress("\(machine.roots.dev)/ttyUSB0", roots: machine.roots)
        try machine.addBridge("1-2", [0: "ttyUSB0"])
        let first = try #require(PortStamp.stamp(of: address))
        try machine.unplug("1-2")
        try machine.addBridge("1-3", [0: "ttyUSB0"])
        #expect(first.change(to: PortStamp.stamp(of: address)) == .other)
    }

    @Test("a pty and a TCP endpoint have stamps, too")
    func offTheTree() throws {
        let pty = try PseudoTerminal()
        let first = try #require(PortStamp.stamp(of: PortAddress(pty.path)))
        #expect(try first.change(to: PortStamp.stamp(of: PortAddress(pty.path))) == .same)
        #expect(PortStamp.stamp(of: try PortAddress("socket://127.0.0.1:1")) != nil)
    }
}

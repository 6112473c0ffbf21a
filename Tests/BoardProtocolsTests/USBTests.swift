import BoardProtocols
import Testing

@Suite("USB descriptors")
struct USBTests {
    @Test(
        "A hub says how it switches the power of its ports",
        arguments: [
            (UInt8(0x08), USBHubDescriptor.Switching.ganged), (0x09, .individual), (0x0A, .none), (0x0B, .none),
        ])
    func hub(characteristics: UInt8, switching: USBHubDescriptor.Switching) {
        let hub = USBHubDescriptor([9, 0x29, 4, characteristics, 0, 50, 100, 0, 0xFF])
        #expect(hub?.switching == switching && hub?.ports == 4 && hub?.powerGoodDelay == 100)
    }

    @Test("A port's power bit is another one on a USB 3 hub")
    func port() {
        #expect(USBHubPort([0x03, 0x01, 0, 0], superSpeed: false)?.isPowered == true)
        #expect(USBHubPort([0x03, 0x01, 0, 0], superSpeed: true)?.isPowered == false)
        #expect(USBHubPort([0x03, 0x02, 0, 0], superSpeed: true)?.isPowered == true)
        #expect(USBHubPort([0x00, 0x01, 8, 0], superSpeed: false)?.hasOverCurrent == true)
        #expect(USBHubPort([0, 1, 0], superSpeed: false) == nil)
    }

    @Test("Port power is switched by the requests of the specification")
    func power() {
        #expect(USBHubPort.power(3, on: true).bytes == [0x23, 3, 8, 0, 3, 0, 0, 0])
        #expect(USBHubPort.power(3, on: false).bytes == [0x23, 1, 8, 0, 3, 0, 0, 0])
        #expect(USBHubPort.status(3).bytes == [0xA3, 0, 0, 0, 3, 0, 4, 0])
    }

    @Test("A string descriptor holds UTF-16")
    func text() {
        #expect(USBText.parse([8, 3, 0x53, 0, 0x4E, 0, 0xE9, 0]) == "SNé")
        #expect(USBText.parse([8, 3, 0x53, 0]) == nil)
        #expect(USBText.parse([2, 4]) == nil)
    }
}

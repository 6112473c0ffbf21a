import Bench
import Testing

@Suite("USB port paths and ids")
struct USBBusPortTests {
    @Test("A port path is read and written as the kernel names it", arguments: ["1-2", "1-2.3", "12-1.4.15", "usb1"])
    func roundTrip(text: String) throws { #expect(try "\(USBBusPort(text))" == text) }

    @Test(
        "Other text is refused",
        arguments: ["", "1", "1-", "1-2.", "-2", "1-0", "1-2-3", "1-2:1.0", "1-a", "1- 2", "1-2.3.4.5.6.7.8.9"])
    func refused(text: String) { #expect(throws: LinkError.self) { try USBBusPort(text) } }

    @Test("The hub above a port is found, up to the root hub")
    func parent() throws {
        let parent = try #require(try USBBusPort("1-2.3").parent)
        #expect("\(parent.hub)" == "1-2" && parent.port == 3)
        let root = try #require(parent.hub.parent)
        #expect("\(root.hub)" == "usb1" && root.port == 2 && root.hub.parent == nil)
    }

    @Test("Vendor and product are four hexadecimal digits each")
    func id() throws {
        #expect(try "\(USBID("0483:df11"))" == "0483:DF11")
        #expect(try USBID("0001:000A") == USBID(vendor: 1, product: 10))
        for text in ["", "0483", "483:df11", "0483:df1g", "0483:df11:1"] {
            #expect(throws: LinkError.self) { try USBID(text) }
        }
    }
}

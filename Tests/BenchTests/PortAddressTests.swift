import Bench
import Foundation
import Testing

@Suite struct PortAddressTests {
    @Test(
        "paths and socket addresses are read and written alike",
        arguments: [
            "/dev/serial/by-path/pci-0000:00:14.0-usb-0:3:1.0-port0", "/dev/pts/3", "socket://10.0.0.7:4001",
            "socket://jig-3.line.local:7", "socket://[::1]:7000",
        ])
    func accepted(_ text: String) throws { #expect(try PortAddress(text).description == text) }

    @Test(
        "anything else is refused",
        arguments: [
            "", "ttyUSB0", "/", "socket://", "socket://host", "socket://host:0", "socket://host:65536",
            "socket://:80", "tcp://host:1",
        ])
    func refused(_ text: String) {
        #expect { try PortAddress(text) } throws: { ($0 as? LinkError)?.code == .address }
    }

    @Test("a path is present while it exists")
    func pathPresence() throws {
        let pty = try PseudoTerminal()
        // By a link of its own: the terminal's number may go to another test at once.
        let link = FileManager.default.temporaryDirectory.path + "/port-\(UUID().uuidString)"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: pty.path)
        let address = try PortAddress(link)
        #expect(address.isPresent())
        try FileManager.default.removeItem(atPath: link)
        #expect(!address.isPresent())
    }

    @Test("a TCP port is present while somebody listens")
    func socketPresence() throws {
        let server = try BoardServer { _ in { _ in [] } }
        let address = try PortAddress("socket://127.0.0.1:\(server.port)")
        #expect(address.isPresent())
        server.stop()
        #expect(!address.isPresent())
    }

    @Test("nobody at the TCP address is an absent port")
    func nobody() throws {
        let server = try BoardServer { _ in { _ in [] } }
        let address = try PortAddress("socket://127.0.0.1:\(server.port)")
        server.stop()
        #expect { try address.open(baud: 115_200) } throws: { ($0 as? LinkError)?.code == .absent }
    }

    @Test("a peer that closes is a lost port, not an end of data")
    func closedByPeer() throws {
        let server = try BoardServer { _ in nil }
        defer { server.stop() }
        let link = try PortAddress("socket://127.0.0.1:\(server.port)").open(baud: 115_200)
        #expect { try link.read(upTo: 16, deadline: .now + .seconds(30)) } throws: {
            ($0 as? LinkError)?.code == .lost
        }
    }
}

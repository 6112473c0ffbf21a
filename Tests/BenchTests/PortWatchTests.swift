@testable import Bench
import Foundation
import Glibc
import Testing

@Suite(.serialized, .timeLimit(.minutes(1))) struct PortWatchTests {
    /// A watch whose first change was taken, so that everything after it is seen as an event.
    private func started(
        _ machine: FakeMachine, usesEvents: Bool = true, interval: Duration = .seconds(3600),
        onEnd: @escaping @Sendable () -> Void = {}
    ) async throws -> AsyncStream<PortChange>.Iterator {
        try machine.addNode("ttyUSB99")
        let watch = PortWatch(roots: machine.roots, interval: interval, usesEvents: usesEvents, onEnd: onEnd)
        var changes = watch.changes().makeAsyncIterator()
        let first = await changes.next()
        #expect(first?.path == "\(machine.folder)/dev/ttyUSB99")
        return changes
    }

    @Test("a bridge that comes and goes is told at once, with its place")
    func events() async throws {
        let machine = try FakeMachine()
        var changes = try await started(machine)
        let path = "\(machine.folder)/dev/ttyUSB0"
        try machine.addBridge("1-2", [0: "ttyUSB0"])
        let came = await changes.next()
        #expect(came == PortChange(.appeared, path: path, portPath: USBPortPath("1-2")))
        try machine.unplug("1-2")
        let went = await changes.next()
        #expect(went == PortChange(.disappeared, path: path, portPath: USBPortPath("1-2")))
    }

    @Test("permissions that come later are a change of their own")
    func permissions() async throws {
        let machine = try FakeMachine()
        var changes = try await started(machine)
        let path = "\(machine.folder)/dev/ttyACM0"
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0)
        #expect(descriptor >= 0)
        close(descriptor)
        let came = await changes.next()
        #expect(came == PortChange(.appeared, path: path, portPath: nil))
        chmod(path, 0o660)
        let opened = await changes.next()
        #expect(opened == PortChange(.permissionsChanged, path: path, portPath: nil))
    }

    @Test("links of by-path are seen, also when their folder comes later and the link is renamed into it")
    func links() async throws {
        let machine = try FakeMachine()
        var changes = try await started(machine)
        try machine.addBridge("1-2", [0: "ttyUSB0"])
        let node = await changes.next()
        #expect(node?.path == "\(machine.folder)/dev/ttyUSB0")
        let folder = "\(machine.folder)/dev/serial/by-path"
        try machine.link("\(folder)/.#x", "../../ttyUSB0")
        #expect(rename("\(folder)/.#x", "\(folder)/pci-x") == 0)
        let link = await changes.next()
        #expect(link == PortChange(.appeared, path: "\(folder)/pci-x", portPath: USBPortPath("1-2")))
        try FileManager.default.removeItem(atPath: "\(folder)/pci-x")
        let gone = await changes.next()
        #expect(gone?.kind == .disappeared)
    }

    @Test("without events the scan finds bridges, devices in DFU mode and nodes whose device went")
    func scan() async throws {
        let machine = try FakeMachine()
        var inventory = PortInventory(roots: machine.roots)
        #expect(inventory.scan().isEmpty)
        try machine.addBridge("1-2", [0: "ttyUSB0"])
        try machine.addDFU("1-3")
        let came = inventory.scan()
        #expect(came.map(\.portPath) == [USBPortPath("1-3"), USBPortPath("1-2")])
        #expect(came.allSatisfy { $0.kind == .appeared })
        #expect(inventory.scan().isEmpty)
        // As in a container whose /dev is fixed: the device goes, the node stays.
        try machine.unplug("1-2")
        try machine.addNode("ttyUSB0")
        #expect(inventory.scan().map(\.kind) == [.disappeared])
        #expect(inventory.scan().isEmpty)
        try machine.removeNode("ttyUSB0")
        try machine.addBridge("1-2", [0: "ttyUSB0"])
        #expect(inventory.scan().map(\.kind) == [.appeared])
        // Between two scans: unplugged and plugged in elsewhere under the same name.
        try machine.unplug("1-2")
        try machine.addBridge("1-4", [0: "ttyUSB0"])
        #expect(inventory.scan().map(\.portPath) == [USBPortPath("1-2"), USBPortPath("1-4")])
    }

    @Test("the watch scans where the system gives no events")
    func watchWithoutEvents() async throws {
        let machine = try FakeMachine()
        var changes = try await started(machine, usesEvents: false, interval: .zero)
        try machine.addBridge("1-2", [0: "ttyUSB0"])
        let came = await changes.next()
        #expect(came?.portPath == USBPortPath("1-2"))
    }

    @Test("when the stream ends no descriptor is left")
    func noLeak() async throws {
        let machine = try FakeMachine()
        let before = Self.watches()
        let (ends, ended) = AsyncStream.makeStream(of: Void.self)
        do {
            var changes: AsyncStream<PortChange>.Iterator? = try await started(machine) { ended.finish() }
            #expect(changes != nil)
            #expect(Self.watches() == before + 1)
            changes = nil
        }
        for await _ in ends {}
        #expect(Self.watches() == before)
    }

    /// inotify descriptors of this process.
    private static func watches() -> Int {
        let folder = "/proc/self/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.count {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)"))?.contains("inotify") == true
        }
    }
}

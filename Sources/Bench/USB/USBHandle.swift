import BoardProtocols
import CLibUSB
import Glibc

/// An open device.
///
/// Lives on the slot's thread and blocks there; a wait wakes every 50 ms to see whether the task was cancelled. Closed
/// with the object at the latest.
final class USBHandle {
    let device: USBBusDevice
    private let bus: USBBus
    private var descriptor: Int32
    private var handle: OpaquePointer?
    private var claimed: [UInt8] = []
    /// Transfers that could not be called back: their memory must stay until the handle is closed.
    private var stranded: [USBTransfer] = []
    /// Bytes of setup packets and data in each direction.
    private(set) var traffic = (sent: 0, received: 0)

    /// Opens the device node; one that cannot be read yet, or is on its way out, is watched for two seconds.
    /// - Throws: ``LinkError`` `absent`, `lost`, `permission`, `system`.
    init(_ device: USBBusDevice, on bus: USBBus) throws(LinkError) {
        (self.device, self.bus, descriptor) = (device, bus, -1)
        let end = ContinuousClock.now + .seconds(2)
        while true {
            descriptor = try openNode(until: end)
            let code = libusb_wrap_sys_device(bus.context, Int(descriptor), &handle)
            guard code != 0 else { return }
            _ = Glibc.close(descriptor)
            descriptor = -1
            // libusb says only that it cannot read: from a device that left after its node was opened, or one that has just come.
            guard isThere(within: .milliseconds(300)) else { throw USBFailure.gone.linkError(device, doing: "opening") }
            guard !Task.isCancelled, ContinuousClock.now < end else {
                throw USBFailure(code: code).linkError(device, doing: "opening")
            }
        }
    }

    /// A device shows up in sysfs before its node does, and the node before udev has set who may open it.
    private func openNode(until end: ContinuousClock.Instant) throws(LinkError) -> Int32 {
        while true {
            let descriptor = open(device.node, O_RDWR | O_CLOEXEC)
            guard descriptor < 0 else { return descriptor }
            let code = errno
            guard code == ENOENT || code == EACCES, !Task.isCancelled, ContinuousClock.now < end, isThere else {
                throw Self.openFailure(code, device)
            }
            usleep(20_000)
        }
    }

    deinit { close() }

    /// Gives the interfaces back and closes the node.
    func close() {
        guard let handle else { return }
        for interface in claimed { _ = libusb_release_interface(handle, Int32(interface)) }
        libusb_close(handle)
        _ = Glibc.close(descriptor)
        (self.handle, descriptor, claimed, stranded) = (nil, -1, [], [])
    }

    /// Takes an interface for this process, from a driver of the kernel's if need be.
    /// - Throws: ``LinkError`` `busy`, `lost`, `system`.
    func claim(_ interface: UInt8) throws(LinkError) {
        guard let handle else { throw USBFailure.gone.linkError(device, doing: "claiming the interface") }
        _ = libusb_set_auto_detach_kernel_driver(handle, 1)
        let code = libusb_claim_interface(handle, Int32(interface))
        guard code != LIBUSB_ERROR_BUSY.rawValue else {
            throw LinkError(.busy, port: "USB \(device.port)", "another program uses the interface: close it")
        }
        guard code == 0 else { throw USBFailure(code: code).linkError(device, doing: "claiming the interface") }
        claimed.append(interface)
    }

    func setAlternate(_ alternate: UInt8, of interface: UInt8) throws(USBFailure) {
        guard let handle else { throw .gone }
        let code = libusb_set_interface_alt_setting(handle, Int32(interface), Int32(alternate))
        guard code == 0 else { throw USBFailure(code: code) }
    }

    /// Resets the device. One that comes back as another is `gone`.
    func reset() throws(USBFailure) {
        guard let handle else { throw .gone }
        let code = libusb_reset_device(handle)
        guard code == 0 else { throw USBFailure(code: code) }
    }

    /// One control transfer.
    /// - Returns: what the device sent; nothing for a transfer to it.
    func control(
        _ setup: USBSetup, data: [UInt8] = [], within limit: Duration = .seconds(5)
    ) throws(USBFailure) -> [UInt8] {
        guard let handle else { throw .gone }
        guard !Task.isCancelled else { throw .cancelled }
        guard let transfer = USBTransfer(handle, setup, data: data) else { throw .broken("no memory") }
        let deadline = ContinuousClock.now + limit
        try transfer.submit()
        var cause: USBFailure?
        while !transfer.wait(milliseconds: 50) {
            if Task.isCancelled { cause = .cancelled } else if ContinuousClock.now >= deadline { cause = .timedOut }
            guard let cause else { continue }
            transfer.cancel()
            if !transfer.wait(milliseconds: 1000) {
                stranded.append(transfer)
                throw isThere ? cause : .gone
            }
            break
        }
        traffic.sent += 8 + (setup.isFromDevice ? 0 : data.count)
        do {
            let bytes = try transfer.result()
            if setup.isFromDevice { traffic.received += bytes.count }
            return setup.isFromDevice ? bytes : []
        } catch .timedOut {
            throw cause ?? .timedOut
        } catch .broken(let reason) {
            // A device that is pulled out often breaks a transfer before the kernel takes notice.
            throw isThere(within: .milliseconds(300)) ? .broken(reason) : .gone
        }
    }

    /// The string with this index in the device's first language; nil where there is none.
    func text(_ index: UInt8) throws(USBFailure) -> String? {
        guard index != 0 else { return nil }
        do {
            let languages = try control(.descriptor(kind: 3, length: 255))
            let language = LittleEndian.u16(languages, at: 2) ?? 0x0409
            return USBText.parse(try control(.descriptor(kind: 3, index: index, language: language, length: 255)))
        } catch .stalled {
            return nil
        }
    }

    /// The configuration that is active, the first one.
    func configuration() throws(USBFailure) -> USBConfiguration {
        let head = try control(.descriptor(kind: 2, length: 9))
        guard let length = LittleEndian.u16(head, at: 2), length >= 9,
            let configuration = USBConfiguration(try control(.descriptor(kind: 2, length: length)))
        else { throw .broken("the configuration descriptor is damaged") }
        return configuration
    }

    /// Whether this very device is still on the bus.
    var isThere: Bool { bus.device(at: device.port)?.address == device.address }

    private func isThere(within limit: Duration) -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            guard isThere else { return false }
            usleep(20_000)
        }
        return isThere
    }

    private static func openFailure(_ code: Int32, _ device: USBBusDevice) -> LinkError {
        let port = "USB \(device.port)"
        switch code {
        case ENOENT, ENODEV, ENXIO: return LinkError(.absent, port: port, "the device has left the bus", errno: code)
        case EACCES, EPERM:
            return LinkError(
                .permission, port: port, "this account may not open \(device.node): install the station's udev rules",
                errno: code)
        default:
            return LinkError(
                .system, port: port, "opening \(device.node) failed: \(DescriptorIO.text(code))", errno: code)
        }
    }
}

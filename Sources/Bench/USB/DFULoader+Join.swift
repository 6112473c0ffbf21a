import BoardProtocols
import Glibc

extension DFULoader {
    /// Opens the loader at the port, sending firmware into it first where need be.
    ///
    /// - Parameters:
    ///   - time: how long the device may take to show up.
    ///   - lost: thrown where it does not; nil throws that nothing is there.
    /// - Throws: ``LoaderError``, `otherBoard` where it is not the board known before.
    func join(within time: Duration, lost: LoaderError?) throws(LoaderError) {
        let device = try arrival(within: time, after: nil) { _ in true }
        guard let device else {
            throw lost ?? LoaderError(.portLost, "USB \(port): nothing is plugged in: check cable, power and boot pin")
        }
        try checkIdentity(of: device)
        if options.loaders.contains(device.id) {
            try open(device)
        } else {
            try open(try detach(device))
        }
    }

    /// Waits for a device at the port that passes `test`, other than number `address`; nil where none comes.
    private func arrival(
        within time: Duration, after address: UInt8?, _ test: (USBBusDevice) -> Bool
    ) throws(LoaderError) -> USBBusDevice? {
        let end = ContinuousClock.now + time
        while true {
            if let device = bus.device(at: port), device.address != address, test(device) { return device }
            guard ContinuousClock.now < end else { return nil }
            try pause(.milliseconds(20))
        }
    }

    /// Sleeps; wakes every 50 ms to see whether the task was cancelled.
    func pause(_ time: Duration) throws(LoaderError) {
        let end = ContinuousClock.now + time
        while true {
            guard !Task.isCancelled else { throw LoaderError(.cancelled, "cancelled") }
            let left = end - ContinuousClock.now
            guard left > .zero else { return }
            let (seconds, attoseconds) = min(left, .milliseconds(50)).components
            usleep(UInt32(seconds * 1_000_000 + attoseconds / 1_000_000_000_000) + 1)
        }
    }

    /// Refuses a device with ids that are not the product's, or with a serial number other than the one known.
    private func checkIdentity(of device: USBBusDevice) throws(LoaderError) {
        let known = options.loaders + options.firmware
        guard known.contains(device.id) else {
            let expected = known.map(\.description).joined(separator: " or ")
            throw LoaderError(
                identity == nil ? .wrongChip : .otherBoard,
                "USB \(port): expected \(expected), received \(device.id): another kind of board is plugged in",
                expected: expected, received: device.id.description)
        }
        if let serial = identity?.serial, device.serial != serial {
            throw LoaderError(
                .otherBoard,
                "USB \(port): expected the board with serial number \(serial), received "
                    + "\(device.serial ?? "one without"): put the first board back or start anew",
                expected: serial, received: device.serial)
        }
        // Without any mark of its own, a board that came back may be another one.
        if let identity, !identity.isTelling {
            throw LoaderError(
                .portLost,
                "USB \(port): the board left the bus, and nothing tells whether the one that is there now is the same: "
                    + "start anew")
        }
    }

    /// Sends firmware into its loader and waits until that shows up at the same port.
    private func detach(_ device: USBBusDevice) throws(LoaderError) -> USBBusDevice {
        do {
            let handle = try USBHandle(device, on: bus)
            defer { handle.close() }
            let configuration: USBConfiguration
            do { configuration = try handle.configuration() } catch {
                throw failure(error, doing: "reading descriptors")
            }
            guard let (interfaces, function) = DFUFunction.find(in: configuration) else {
                throw LoaderError(
                    .protocolError,
                    "USB \(port): the firmware (\(device.id)) has no DFU interface: bring the board into its loader by "
                        + "its boot pin")
            }
            try handle.claim(interfaces[0].number)
            let setup = DFURequest.detach(
                interface: interfaces[0].number, timeout: min(function.detachTimeout, 1000))
            do {
                _ = try handle.control(setup)
                if !function.willDetach { try handle.reset() }
            } catch .gone {
                // It was faster than its answer.
            } catch {
                throw failure(error, doing: "sending the firmware into its loader")
            }
        } catch let error as LinkError {
            throw LoaderError(error)
        } catch let error as LoaderError {
            throw error
        } catch {
            throw LoaderError(.protocolError, "USB \(port): \(error)")
        }
        let loaders = options.loaders
        guard let found = try arrival(within: options.reenumeration, after: device.address, { loaders.contains($0.id) })
        else {
            throw LoaderError(
                .noResponse,
                "USB \(port): the firmware was asked to make way, but its loader did not show up within "
                    + "\(options.reenumeration.components.seconds) s")
        }
        try checkIdentity(of: found)
        return found
    }

    private func open(_ device: USBBusDevice) throws(LoaderError) {
        let handle: USBHandle
        do {
            handle = try USBHandle(device, on: bus)
        } catch {
            throw LoaderError(error)
        }
        let configuration: USBConfiguration
        var memories: [UInt8: DfuSeMemory] = [:]
        do {
            configuration = try handle.configuration()
        } catch {
            throw failure(error, doing: "reading descriptors")
        }
        guard let (interfaces, function) = DFUFunction.find(in: configuration), function.canDownload else {
            throw LoaderError(.protocolError, "USB \(port): \(device.id) has no DFU interface that takes an image")
        }
        if function.isDfuSe {
            for interface in interfaces {
                do {
                    memories[interface.alternate] = try handle.text(interface.nameIndex).flatMap { DfuSeMemory($0) }
                } catch {
                    throw failure(error, doing: "reading the memory map")
                }
            }
            guard !memories.isEmpty else {
                throw LoaderError(.protocolError, "USB \(port): the loader names no memory map")
            }
        }
        do { try handle.claim(interfaces[0].number) } catch { throw LoaderError(error) }
        adopt(Session(handle: handle, interface: interfaces[0].number, function: function, memories: memories))
        do {
            try settleIdle()
            try confirmIdentity(serial: device.serial)
        } catch {
            disconnect()
            throw error
        }
    }

    private func confirmIdentity(serial: String?) throws(LoaderError) {
        let found = Identity(serial: serial.flatMap { Self.sharedSerials.contains($0) ? nil : $0 }, uid: try readUID())
        guard let identity else {
            identity = found
            return
        }
        guard identity == found else {
            let text = { (uid: [UInt8]?) in uid.map { Digest.hex($0).uppercased() } ?? "none" }
            throw LoaderError(
                .otherBoard,
                "USB \(port): expected the board with UID \(text(identity.uid)), received \(text(found.uid)): put the "
                    + "first board back or start anew", expected: text(identity.uid), received: text(found.uid))
        }
    }

    /// A failed transfer as the loader's error.
    func failure(_ failure: USBFailure, doing what: String) -> LoaderError {
        let text = "USB \(port): \(what): "
        return switch failure {
        case .stalled: LoaderError(.protocolError, text + "the device refused the request")
        case .timedOut: LoaderError(.noResponse, text + "the device did not answer in time")
        case .gone: LoaderError(.portLost, text + "the board was unplugged or reset itself")
        case .cancelled: LoaderError(.cancelled, "cancelled")
        case .broken(let reason): LoaderError(.noise, text + reason)
        }
    }
}

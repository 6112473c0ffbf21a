import BoardProtocols

extension DFULoader {
    /// Starts the firmware, where the options say so, and closes the device.
    ///
    /// The board leaves the bus while it is asked to: that is no error. DfuSe is told the address to start at; DFU 1.1
    /// goes back to its firmware at a USB reset.
    public func finish() throws(LoaderError) {
        guard session != nil else { return }
        defer { disconnect() }
        guard options.startsFirmware else { return }
        let session = try live()
        try settleIdle()
        if session.function.isDfuSe {
            let start = options.startAddress
            try download(DfuSeCommand.setPointer(start).bytes, block: 0, address: start)
            do {
                _ = try session.handle.control(
                    DFURequest.download(interface: session.interface, block: 0, length: 0))
                _ = try session.handle.control(DFURequest.getStatus(interface: session.interface))
            } catch .cancelled {
                throw LoaderError(.cancelled, "cancelled")
            } catch {
                // It has started its firmware already.
            }
        } else {
            do {
                try session.handle.reset()
            } catch {
                guard error == .gone else { throw failure(error, doing: "the reset into the firmware") }
            }
        }
    }
}

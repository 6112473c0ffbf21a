import BoardProtocols

extension DFULoader {
    /// The session without looking at the bus, for use inside an operation: a device that left is told by its transfers.
    var current: Session {
        get throws(LoaderError) {
            guard let session else { throw LoaderError(.portLost, "USB \(port): the board was unplugged") }
            return session
        }
    }

    /// One request to the DFU interface.
    func request(
        _ setup: USBSetup, data: [UInt8] = [], doing what: String
    ) throws(LoaderError) -> [UInt8] {
        let handle = try current.handle
        do {
            return try handle.control(setup, data: data)
        } catch {
            throw failure(error, doing: what)
        }
    }

    /// GETSTATUS, and then the wait that the answer asks for.
    /// - Parameters:
    ///   - limit: the longest wait; three bytes of the board's could ask for four hours and a half.
    ///   - kind: of the error where it asks for more.
    func report(
        within limit: Duration = .seconds(60), else kind: LoaderError.Kind = .protocolError
    ) throws(LoaderError) -> DFUReport {
        let session = try current
        let bytes = try request(DFURequest.getStatus(interface: session.interface), doing: "asking for the status")
        guard let report = DFUReport(bytes) else {
            throw LoaderError(.protocolError, "USB \(port): expected a DFU status of 6 bytes, received \(bytes.count)")
        }
        guard report.pollTimeout <= limit else {
            throw LoaderError(
                kind,
                "USB \(port): the loader asks for \(report.pollTimeout.components.seconds) s in state \(report.state), "
                    + "at most \(limit.components.seconds) s are given: reset the board")
        }
        try pause(report.pollTimeout)
        return report
    }

    /// Brings the loader to dfuIDLE, whatever was left behind.
    func settleIdle() throws(LoaderError) {
        let session = try current
        var last: DFUReport?
        for _ in 0..<50 {
            let report = try report()
            last = report
            switch report.state {
            case .idle: return
            case .error:
                _ = try request(DFURequest.clearStatus(interface: session.interface), doing: "clearing an old error")
            case .uploadIdle, .downloadIdle:
                _ = try request(DFURequest.abort(interface: session.interface), doing: "ending an old transfer")
            case .downloadSync, .downloadBusy, .manifestSync, .manifest:
                try pause(.milliseconds(10))
            case .appIdle, .appDetach, .manifestWaitReset:
                throw LoaderError(
                    .protocolError, "USB \(port): expected a loader, received \(report.state): reset the board")
            }
        }
        throw LoaderError(
            .protocolError,
            "USB \(port): expected dfuIDLE, received \(last.map { "\($0.state)" } ?? "nothing"): reset the board",
            expected: "dfuIDLE", received: last.map { "\($0.state)" })
    }

    /// Polls until the block under way is done.
    /// - Parameter limit: the sum of all waits may take so long.
    /// - Throws: ``LoaderError`` `eraseTimeout` or `blockWrite` after `limit`, and for the loader's own error.
    func settleDownload(
        within limit: Duration, isErase: Bool = false, address: UInt32
    ) throws(LoaderError) {
        let end = ContinuousClock.now + limit
        while true {
            let left = max(end - ContinuousClock.now, .seconds(1))
            let report: DFUReport
            do {
                report = try self.report(within: left, else: isErase ? .eraseTimeout : .blockWrite)
            } catch {
                throw error.at(address)
            }
            switch report.state {
            case .downloadIdle where report.status == .ok: return
            case .downloadBusy, .downloadSync:
                guard ContinuousClock.now < end else {
                    throw LoaderError(
                        isErase ? .eraseTimeout : .blockWrite,
                        "USB \(port): the loader is still busy after \(limit.components.seconds) s", address: address,
                        expected: "dfuDNLOAD-IDLE", received: "\(report.state)")
                }
                if report.pollTimeout == .zero, report.state == .downloadBusy { try pause(.zero) }
            default: throw refusal(report, address: address)
            }
        }
    }

    /// Sends a block and waits until it is done. A refused block is explained by the loader's status.
    func download(
        _ bytes: [UInt8], block: UInt16, within limit: Duration = .seconds(10), isErase: Bool = false, address: UInt32
    ) throws(LoaderError) {
        let session = try current
        let setup = DFURequest.download(interface: session.interface, block: block, length: UInt16(bytes.count))
        do {
            _ = try session.handle.control(setup, data: bytes)
        } catch .stalled {
            throw refusal(try report(), address: address)
        } catch {
            var error = failure(error, doing: "sending block \(block)")
            error.address = address
            throw error
        }
        try settleDownload(within: limit, isErase: isErase, address: address)
    }

    /// The loader's error status as an error of ours.
    func refusal(_ report: DFUReport, address: UInt32) -> LoaderError {
        let kind: LoaderError.Kind =
            switch report.status {
            case .vendor: .securityLocked
            case .write, .erase, .checkErased, .program, .verify, .address: .blockWrite
            default: .protocolError
            }
        return LoaderError(
            kind, "USB \(port): the loader reports \(report.status) in state \(report.state)", address: address,
            expected: DFUStatus.ok.name, received: report.status.name)
    }

    /// Selects an alternate setting; the loader is idle afterwards.
    func select(_ alternate: UInt8) throws(LoaderError) {
        let session = try current
        if session.alternate != alternate {
            do {
                try session.handle.setAlternate(alternate, of: session.interface)
            } catch {
                throw failure(error, doing: "selecting memory \(alternate)")
            }
            session.alternate = alternate
        }
        try settleIdle()
    }
}

public import BoardProtocols

extension EspressifLoader {
    /// Sends SYNC until the loader answers, `tries` times with 100 ms each, and takes in the further answers.
    ///
    /// A zero in the answer tells that a stub of an earlier session is still running.
    /// - Throws: ``LoaderError`` `noResponse` (silence, or a board that prints its boot log), `noise`, `portLost`,
    ///   `cancelled`.
    public func synchronise(tries: Int = 5) throws(LoaderError) {
        forgetText()
        let heard = traffic.received
        for _ in 0..<tries {
            do {
                let answer = try perform(.sync, timeout: EspressifTimeouts.sync)
                isStub = answer.value == 0
                spiReady = isStub
                for _ in 0..<7 {
                    guard try nextFrame(deadline: .now + EspressifTimeouts.sync) != nil else { break }
                }
                try drain()
                return
            } catch {
                guard [.noResponse, .noise, .protocolError].contains(error.kind) else { throw error }
            }
        }
        throw notInLoader(heard: traffic.received - heard)
    }

    private func notInLoader(heard: Int) -> LoaderError {
        guard heard > 0 else {
            return LoaderError(
                .noResponse, "no answer to SYNC: check that the board sits right, has power and is in its loader",
                command: .sync)
        }
        let readable = text.count { (0x20..<0x7F).contains($0) || $0 == 10 || $0 == 13 || $0 == 9 }
        guard text.count > 8, readable * 10 >= text.count * 9 else {
            return LoaderError(
                .noise, "\(heard) bytes came instead of an answer to SYNC: check cable, rate and power",
                command: .sync)
        }
        let tail = ConsoleLines.printable(Array(text.suffix(120)))
        return LoaderError(
            .noResponse, "the board prints text instead of answering SYNC, so it is not in its loader; last: \(tail)",
            command: .sync, received: tail)
    }

    /// Asks the ROM which chip it is: by its security information, else by the magic word.
    ///
    /// An answer that would refuse the board is asked for twice, since answers carry no check value.
    /// - Parameter expected: the profile's chip; another one is an error.
    /// - Throws: ``LoaderError`` `wrongChip`, `securityLocked`, `noise`, and those of the exchange.
    @discardableResult
    public func detectChip(expected: EspressifChip? = nil) throws(LoaderError) -> EspressifChip {
        let found: EspressifChip
        do {
            found = try readChip(expected)
        } catch {
            guard error.kind == .wrongChip || error.kind == .securityLocked else { throw error }
            do {
                _ = try readChip(expected)
            } catch let second {
                if second == error { throw error }
            }
            throw LoaderError(
                .noise, "two answers about the chip differ: check cable, rate and power", command: .getSecurityInfo)
        }
        chip = found
        return found
    }

    private func readChip(_ expected: EspressifChip?) throws(LoaderError) -> EspressifChip {
        let found = try readChip()
        if let expected, found != expected {
            throw LoaderError(
                .wrongChip,
                "the board carries an \(found.name), the profile asks for \(expected.name): check the order",
                expected: expected.name, received: found.name)
        }
        return found
    }

    private func readChip() throws(LoaderError) -> EspressifChip {
        if let info = try readSecurityInfo() {
            security = info
            guard !info.secureDownload else {
                throw LoaderError(
                    .securityLocked, "the chip is in secure download mode: it can be neither identified nor verified",
                    command: .getSecurityInfo)
            }
            if let id = info.chipID {
                if let chip = EspressifChip.with(chipID: id) { return chip }
                throw LoaderError(.wrongChip, "chip id \(id) is none this station knows", received: "chip id \(id)")
            }
        }
        let magic = try readRegister(EspressifChip.magicRegister)
        guard let chip = EspressifChip.with(magic: magic) else {
            let hex = "0x\(String(magic, radix: 16))"
            throw LoaderError(.wrongChip, "magic word \(hex) is none this station knows", received: hex)
        }
        return chip
    }

    /// GET_SECURITY_INFO, or nil where the ROM does not know the command.
    private func readSecurityInfo() throws(LoaderError) -> EspressifSecurityInfo? {
        do {
            let answer = try query(EspressifRequest(.getSecurityInfo), payload: [20, 12])
            return EspressifSecurityInfo(parsing: answer.payload)
        } catch {
            guard error.reason != nil else { throw error }
            // The refusal comes eight times.
            try drainUntilQuiet()
            return nil
        }
    }

    /// Registers answer at once: after something damaged came, this long is enough before asking again.
    private static let registerPatience = Duration.milliseconds(300)

    /// One register's value.
    func readRegister(_ address: UInt32) throws(LoaderError) -> UInt32 {
        do {
            return try query(.readRegister(address), patience: Self.registerPatience).value
        } catch {
            var error = error
            error.address = address
            throw error
        }
    }

    func writeRegister(_ address: UInt32, _ value: UInt32) throws(LoaderError) {
        _ = try query(.writeRegister(address, value), patience: Self.registerPatience)
    }
}

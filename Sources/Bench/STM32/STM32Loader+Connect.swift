public import BoardProtocols

extension STM32Loader {
    /// Brings the loader to measure the rate, `tries` times with 200 ms each, and asks for its version and commands.
    ///
    /// A loader that is in step already refuses the byte: it is alive as well.
    /// - Parameter afterReset: whether the board was reset just now. Where it was not, the loader may stand in the
    ///   middle of a frame, even of an erase; then 7Fh is sent once only (two of them could complete such a frame) and
    ///   after it a filler whose check byte never fits. A loader that has not measured its rate yet takes the filler
    ///   for the wrong rate, so a board that does not answer then needs a reset.
    /// - Throws: ``LoaderError`` `noResponse` (silence, or a board that prints its log), `noise`, `portLost`,
    ///   `cancelled`.
    public func synchronise(tries: Int = 5, afterReset: Bool = true) throws(LoaderError) {
        var heard: [UInt8] = []
        awaiting = .command
        for attempt in 0..<tries {
            heard += try drainUntilQuiet(.zero)
            let byte = afterReset || attempt == 0 ? STM32Frame.synchronise : Self.filler
            let deadline = try send([byte], within: STM32Timeouts.synchronise)
            guard let answer = try receive(1, deadline: deadline).first else { continue }
            if answer == STM32Frame.acknowledge || answer == STM32Frame.refuse, try readsInfo() { return }
            heard.append(answer)
            heard += try drainUntilQuiet()
        }
        if !afterReset, try fill() > 0, try readsInfo() { return }
        throw Self.notInLoader(heard)
    }

    private func readsInfo() throws(LoaderError) -> Bool {
        do throws(LoaderError) {
            try readInfo()
            return true
        } catch {
            guard [.noResponse, .noise, .protocolError].contains(error.kind) else { throw error }
            return false
        }
    }

    private static func notInLoader(_ heard: [UInt8]) -> LoaderError {
        guard !heard.isEmpty else {
            return LoaderError(
                .noResponse,
                "no answer to 7F: check that the board has power, BOOT0 was high at its reset, and the line is even "
                    + "parity (8E1)")
        }
        let readable = heard.count { (0x20..<0x7F).contains($0) || $0 == 10 || $0 == 13 || $0 == 9 }
        guard heard.count > 8, readable * 10 >= heard.count * 9 else {
            return LoaderError(
                .noise,
                "\(heard.count) bytes came instead of an answer to 7F: check cable, rate, parity (8E1) and power")
        }
        let tail = ConsoleLines.printable(Array(heard.suffix(120)))
        return LoaderError(
            .noResponse,
            "the board prints text instead of answering 7F, so it is not in its loader: check BOOT0; last: \(tail)",
            received: tail)
    }

    /// Asks for version and commands until two answers in a row agree, since answers carry no check value.
    /// - Throws: ``LoaderError`` `noise`, `noResponse`, and those of the line.
    @discardableResult
    public func readInfo() throws(LoaderError) -> STM32LoaderInfo {
        info = nil
        var last: STM32LoaderInfo?
        for _ in 0..<4 {
            let found = try attempt { () throws(LoaderError) in try askInfo() }
            if found == last {
                info = found
                return found
            }
            last = found
        }
        throw LoaderError(.noise, "answers to get differ from each other: check cable, rate, parity (8E1) and power")
    }

    private func askInfo() throws(LoaderError) -> STM32LoaderInfo {
        try order(.get)
        let count = try take(1, of: "get")
        // Two codes would be less than any loader has, 30 more than all.
        guard (2...30).contains(count[0]) else {
            throw LoaderError(.noise, "get: \(count[0] &+ 1) bytes were announced, expected 3 to 31")
        }
        let rest = try take(Int(count[0]) + 2, of: "get")
        guard rest.last == STM32Frame.acknowledge, let info = STM32LoaderInfo(parsing: count + rest.dropLast()) else {
            throw LoaderError(.noise, "get: the answer does not hold a list of commands")
        }
        return info
    }

    /// Asks for the product id until two answers in a row agree, since answers carry no check value.
    func readProductID() throws(LoaderError) -> UInt16 {
        var last: UInt16?
        for _ in 0..<4 {
            let found = try attempt { () throws(LoaderError) in
                try order(.getID)
                let bytes = try take(4, of: "get id")
                guard bytes[3] == STM32Frame.acknowledge,
                    let id = STM32LoaderInfo.productID(parsing: Array(bytes[..<3]))
                else { throw LoaderError(.noise, "get id: the answer does not hold a product id") }
                return id
            }
            if found == last { return found }
            last = found
        }
        throw LoaderError(.noise, "answers to get id differ from each other: check cable, rate, parity (8E1) and power")
    }

    /// Asks the loader which part it is in.
    /// - Parameter expected: the profile's part; another one is an error.
    /// - Throws: ``LoaderError`` `wrongChip`, `noise`, and those of the exchange.
    @discardableResult
    public func detectChip(expected: STM32Part? = nil) throws(LoaderError) -> STM32Part {
        if info == nil { try readInfo() }
        let id = try readProductID()
        let text = "0x\(String(id, radix: 16))"
        guard let found = STM32Part.with(productID: id) else {
            throw LoaderError(.wrongChip, "product id \(text) is none this station knows", received: text)
        }
        if let expected, found != expected {
            throw LoaderError(
                .wrongChip,
                "the board carries an \(found.name), the profile asks for \(expected.name): check the order",
                expected: expected.name, received: found.name)
        }
        part = found
        return found
    }
}

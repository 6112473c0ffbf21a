import BoardProtocols

extension STM32Loader {
    /// Sends a command; a refusal means read protection, since the loader knows the command.
    /// - Throws: ``LoaderError`` `securityLocked`, `protocolError` for a command the loader does not know, and those of
    ///   ``step(_:_:next:within:)``.
    func order(_ command: STM32Command) throws(LoaderError) {
        if let info, !info.knows(command) {
            throw LoaderError(
                .protocolError,
                "the loader (version \(info.versionText)) does not know the command \(command): another way to flash "
                    + "is needed for this part")
        }
        try drain()
        let next: Awaiting =
            switch command {
            case .read, .go, .write: .address
            case .erase: .pages
            case .extendedErase: .widePages
            default: .command
            }
        guard try step("\(command)", command.frame, next: next) else { throw Self.locked(command) }
    }

    private static func locked(_ command: STM32Command) -> LoaderError {
        guard [.read, .write, .erase, .extendedErase, .go].contains(command) else {
            return LoaderError(.protocolError, "the loader refused the command \(command)")
        }
        return LoaderError(
            .securityLocked,
            "the loader refuses \(command): the chip's read protection is set. Lifting it (readout unprotect) erases "
                + "the whole flash, so this station does not; set the board aside for an engineer")
    }

    /// Sends one portion of a command and waits for its acknowledgement.
    ///
    /// - Parameter next: what the loader waits for once it has acknowledged.
    /// - Returns: false where the loader refused; it then waits for a command.
    /// - Throws: ``LoaderError`` `noResponse`, `noise`, `portLost`, `cancelled`.
    func step(
        _ what: String, _ bytes: [UInt8], next: Awaiting, within timeout: Duration = STM32Timeouts.command
    ) throws(LoaderError) -> Bool {
        // Set first: when the answer is damaged, the loader has most likely gone on.
        awaiting = next
        let deadline = try send(bytes, within: timeout)
        let answer = try receive(1, deadline: deadline)
        switch answer.first {
        case STM32Frame.acknowledge: return true
        case STM32Frame.refuse:
            awaiting = .command
            return false
        case nil:
            throw LoaderError(
                .noResponse, "\(what): no answer from the loader: check that the board has power and is in its loader")
        case let byte?:
            throw LoaderError(
                .noise,
                "\(what): the loader answered \(Digest.hex([byte])), expected 79 or 1f: check cable, rate, parity "
                    + "(8E1) and power")
        }
    }

    /// Takes exactly `count` bytes of an answer.
    func take(_ count: Int, of what: String) throws(LoaderError) -> [UInt8] {
        let wire = Duration.microseconds(count * 11_000_000 / max(link.baud, 1))
        let bytes = try receive(count, deadline: .now + wire + STM32Timeouts.command)
        guard bytes.count == count else {
            throw LoaderError(
                .noise, "\(what): \(bytes.count) of \(count) bytes came: check cable, rate, parity (8E1) and power")
        }
        return bytes
    }

    /// Does something that may be repeated without harm: three tries, the loader brought back in step in between.
    func attempt<R>(_ body: () throws(LoaderError) -> R) throws(LoaderError) -> R {
        var tries = 1
        while true {
            do throws(LoaderError) {
                return try body()
            } catch {
                guard error.mayComeFromNoise, tries < 3 else { throw error }
                tries += 1
                try resynchronise()
            }
        }
    }

    // MARK: - Back in step

    /// A byte that ends whatever the loader is taking in, sent as often as needed, with a check byte that does not
    /// fit: as a command and as a read length its complement is wrong, as an address its XOR is 0, and as a count it
    /// announces three bytes or pages whose XOR with it is 0.
    static let filler: UInt8 = 0x02
    /// The longest frame an interrupted write may still wait for: data and check byte.
    private static let longestFrame = 257

    /// Brings the loader back to where it waits for a command, after damaged or missing answers, and asks for its
    /// product id to be sure.
    /// - Throws: ``LoaderError`` `noResponse`, `noise`, `portLost`, `cancelled`.
    func resynchronise() throws(LoaderError) {
        try drainUntilQuiet()
        if let frame = abortFrame {
            awaiting = .command
            _ = try send(frame, within: STM32Timeouts.nudge)
        }
        var heard = 0
        for round in 0..<12 {
            heard += try drainUntilQuiet().count
            if try answersProbe() { return }
            heard += try nudge(round)
            if round == 3, heard == 0 { break }
        }
        guard heard > 0 else {
            throw LoaderError(
                .noResponse, "the loader stopped answering: check cable and power, then reset the board into its loader"
            )
        }
        throw LoaderError(.noise, "the loader answers, but never whole: check cable, rate, parity (8E1) and power")
    }

    /// A frame with a wrong check byte for what the loader waits for, so that it refuses and nothing is done.
    private var abortFrame: [UInt8]? {
        switch awaiting {
        case .command: nil
        case .address: [0, 0, 0, 0, 0xFF]
        case .readLength: [0, 0]
        case .data: [0, 0, 0xFF]
        case .pages: [0, 0x7F, 0xFF]
        case .widePages: [0, 0, 0x7F, 0x7F, 0xFF]
        }
    }

    private func answersProbe() throws(LoaderError) -> Bool {
        let deadline = try send(STM32Command.getID.frame, answer: 5, within: STM32Timeouts.nudge)
        let answer = try receive(5, deadline: deadline)
        guard answer.count == 5, answer[0] == STM32Frame.acknowledge, answer[4] == STM32Frame.acknowledge,
            let id = STM32LoaderInfo.productID(parsing: Array(answer[1..<4]))
        else { return false }
        return try drain().isEmpty && (part.map { $0.productID == id } ?? true)
    }

    /// Sends the filler until something comes back, two bytes at first, then as many as the longest frame.
    private func nudge(_ round: Int) throws(LoaderError) -> Int {
        for _ in 0..<2 {
            let deadline = try send([Self.filler], within: STM32Timeouts.nudge)
            let heard = try receive(1, deadline: deadline)
            if !heard.isEmpty { return heard.count }
        }
        return try fill()
    }

    /// Ends an interrupted write; returns how many bytes came back.
    func fill() throws(LoaderError) -> Int {
        let bytes = [UInt8](repeating: Self.filler, count: Self.longestFrame)
        let deadline = try send(bytes, within: STM32Timeouts.nudge)
        let first = try receive(1, deadline: deadline)
        return first.count + (try drainUntilQuiet().count)
    }
}

extension LoaderError {
    /// True where a damaged transmission may be the cause: worth another try.
    fileprivate var mayComeFromNoise: Bool {
        [.noResponse, .noise, .protocolError, .securityLocked].contains(kind)
    }
}

import Locking
public import Provisioning

extension BoardConnection {
    /// Boots the board normally and reads its console from the first byte until the profile's ready or error line, or
    /// until `limit` after the reset is over.
    ///
    /// - Parameter onLine: called on the slot's thread for each line; must not block.
    /// - Throws: ``PowerError``, ``LoaderError`` for the port.
    public func boot(
        _ console: BoardProfile.Console, within limit: Duration, onLine: @Sendable (String) -> Void = { _ in }
    ) async throws -> ConsoleReading {
        try await withoutActuallyEscaping(onLine) { onLine in
            var reader = ConsoleReader(console, onLine: onLine)
            try prepareConsole()
            if case .modemLines = power.control {
                try await perform(.run)
            } else {
                // The action runs on the power controller's thread: this one goes on reading, for a boot log is
                // longer than the kernel's buffer.
                let isDone = Flag()
                expectBack()
                async let action: Void = runBoard(isDone)
                while !isDone.isSet { try pump(&reader, until: .now + .milliseconds(50)) }
                expectBack()
                try await action
            }
            let reading = try read(&reader, until: .now + limit)
            consoleLines = reader.splitter
            // From here on a port that goes is a board that goes.
            if case .ready = reading.verdict { expectedBack = nil }
            return reading
        }
    }

    /// Hands on the console's lines of a running board for `limit`.
    /// - Throws: ``LoaderError`` for the port.
    public func followConsole(for limit: Duration, onLine: @Sendable (String) -> Void) async throws {
        try withoutActuallyEscaping(onLine) { onLine in
            var reader = ConsoleReader(nil, splitter: consoleLines, onLine: onLine)
            defer { consoleLines = reader.splitter }
            _ = try consoleLink()
            let deadline = ContinuousClock.now + limit
            while ContinuousClock.now < deadline { try pump(&reader, until: deadline) }
        }
    }

    /// The link of a running board, at its console's rate.
    func consoleLink() throws -> any BoardLink {
        if let link, !link.isAlive { throw LoaderError(.portLost, "\(port) is not there any more") }
        let link = try openLink()
        try mapped { () throws(LinkError) in
            try link.setParity(.none)
            if link.baud != options.consoleBaud { try link.setBaud(options.consoleBaud) }
        }
        return link
    }

    private func prepareConsole() throws {
        loader = nil
        // A port that went since the identity was read is not opened again here: another board may be behind it.
        consoleLines = ConsoleLines()
        if let link, !link.isAlive {
            // A board that was switched off took its own port with it, and says who it is once it runs.
            guard options.method.isApplication, isExpectedBack else {
                throw LoaderError(.portLost, "\(port) went away between the identity reading and the boot")
            }
            return dropLink()
        }
        let link = try openLink()
        try mapped { () throws(LinkError) in
            try link.setParity(.none)
            try link.setBaud(options.consoleBaud)
            try link.discardInput()
        }
    }

    private nonisolated func runBoard(_ isDone: Flag) async throws {
        defer { isDone.set() }
        try await power.perform(.run)
    }

    private func read(
        _ reader: inout ConsoleReader, until deadline: ContinuousClock.Instant
    ) throws -> ConsoleReading {
        while reader.verdict == nil, ContinuousClock.now < deadline { try pump(&reader, until: deadline) }
        return reader.finish()
    }

    /// One wait for console bytes. A port lost around a power action is opened again.
    private func pump(_ reader: inout ConsoleReader, until deadline: ContinuousClock.Instant) throws {
        do {
            let link = try openLink()
            reader.push(try link.read(upTo: 4096, deadline: deadline))
        } catch let error as LinkError {
            guard toleratesLoss(error) else { throw LoaderError(error) }
            dropLink()
            let link = try reopen()
            try mapped { () throws(LinkError) in try link.setBaud(options.consoleBaud) }
        }
    }
}

/// A flag that one task sets and a thread polls.
private final class Flag: Sendable {
    private let value = Locked(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}

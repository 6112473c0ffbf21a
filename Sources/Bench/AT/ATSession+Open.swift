import BoardProtocols

extension ATSession {
    /// How long each try of `AT` waits. Modules that find the rate by themselves need several.
    static let tryTimeout = Duration.milliseconds(300)
    /// A line that was silent for so long has no late answer under way.
    static let quiet = Duration.milliseconds(150)

    /// Gets an answer out of a module that may still boot or has yet to find the rate, then sets it up: words instead
    /// of digits, no echo, numbered errors. A module that refuses one of these is taken as it is.
    ///
    /// - Parameter tries: of `AT`, 300 ms each; a module that boots for 15 s needs 50.
    /// - Throws: ``LoaderError`` `noResponse`, `noise`, `portLost`, `cancelled`.
    public func open(tries: Int = 10) throws(LoaderError) {
        forget()
        guard try synchronise(tries: tries) else { throw silence(ATLine("AT, \(tries) times")) }
        try settle()
        isOutOfStep = false
        if isNumeric {
            try optional("ATV1")
            isNumeric = false
        }
        try optional("ATE0")
        try optional("AT+CMEE=1")
    }

    /// Brings the session back in step after a command without a final result: waits for silence, then `AT` until OK.
    /// A module that still waits for data is given what it waits for.
    func recover() throws(LoaderError) {
        forget()
        try settle()
        var isBack = try synchronise(tries: 5)
        if !isBack, owed > 0 {
            // CR cannot start or end anything at a command prompt; in flash it is found by the read-back.
            try write([UInt8](repeating: 13, count: owed))
            try settle()
            isBack = try synchronise(tries: 5)
        }
        guard isBack else { throw silence(ATLine("AT")) }
        try settle()
        (isOutOfStep, owed, isHushed) = (false, 0, false)
    }

    /// Sends `AT` until `OK` comes; false where it did not.
    private func synchronise(tries: Int) throws(LoaderError) -> Bool {
        let answer = ATAnswer(command: Array("AT".utf8), prefix: nil, numeric: true)
        for _ in 0..<tries {
            try write(Array("AT\r".utf8))
            let deadline = ContinuousClock.now + Self.tryTimeout + wireTime(16)
            var result = ATResult()
            while let item = try next(until: deadline) {
                guard case .final(.ok)? = judge(item, answer, &result) else { continue }
                if case .line(let bytes) = item { isNumeric = bytes == [0x30] }
                return true
            }
        }
        return false
    }

    /// Reads until the line was silent for a moment, two seconds at most, so that answers to earlier tries are not
    /// taken for the next command's.
    private func settle() throws(LoaderError) {
        let end = ContinuousClock.now + .seconds(2)
        while ContinuousClock.now < end, try receive(until: .now + Self.quiet) {}
        try discard()
    }

    /// A command that not every module has.
    private func optional(_ text: String) throws(LoaderError) {
        var tries = 1
        while true {
            do {
                _ = try command(text, timeout: .seconds(2))
                return
            } catch {
                if error.kind == .protocolError { return }
                guard tries < 3, error.kind == .noise || error.kind == .noResponse else { throw error }
                tries += 1
            }
        }
    }
}

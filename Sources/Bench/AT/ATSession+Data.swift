import BoardProtocols
public import Provisioning

extension ATSession {
    /// Sends a command, waits for the prompt (`>` or `CONNECT`), sends the data and waits for the final result.
    ///
    /// Some modules answer `OK` before the prompt; the result that counts comes after the data.
    /// - Throws: ``LoaderError`` as ``command(_:prefix:bare:timeout:)``.
    public func send(
        _ command: String, data: [UInt8], timeout: Duration = usualTimeout
    ) throws(LoaderError) -> ATResult {
        try send(ATLine(command), data: data, prefix: ATText.prefix(ofCommand: command), timeout: timeout)
    }

    /// ``send(_:data:timeout:)`` with data that is a secret: nothing that comes until the result is kept or quoted.
    public func send(_ command: String, secret: Secret, timeout: Duration = usualTimeout) throws(LoaderError) {
        let line = ATLine(secret: Secret(command), name: command)
        _ = try send(line, data: secret.withBytes { $0 }, prefix: nil, timeout: timeout)
    }

    func send(
        _ line: ATLine, data: [UInt8], prefix: String?, timeout: Duration
    ) throws(LoaderError) -> ATResult {
        let answer = try begin(line, prefix: prefix)
        defer { end(line) }
        reader.expectsPrompt = true
        var result = ATResult()
        try awaitPrompt(line, answer, until: .now + timeout + wireTime(line.bytes.count), into: &result)
        reader.expectsPrompt = false
        owed = data.count
        try write(data)
        try finish(line, answer, until: .now + timeout + wireTime(data.count), into: &result)
        return result
    }

    private func awaitPrompt(
        _ line: ATLine, _ answer: ATAnswer, until deadline: ContinuousClock.Instant, into result: inout ATResult
    ) throws(LoaderError) {
        while let item = try next(until: deadline) {
            if item == .prompt { return }
            switch judge(item, answer, &result) {
            case .connect?: return
            case .final(.ok)?: continue
            case .final(let code)?: return try accept(code, line)
            default: continue
            }
        }
        throw silence(line)
    }

    /// Sends a command whose answer holds a value of announced length, which may hold any bytes.
    ///
    /// - Parameter isSecret: the value is one: nothing that comes with it is kept or quoted.
    /// - Returns: the answer's head and the value.
    /// - Throws: ``LoaderError`` as ``command(_:prefix:bare:timeout:)``; `noise` where OK came without the value.
    func value(
        _ command: String, _ form: ATCountedAnswer, count: Int, isSecret: Bool = false, timeout: Duration = usualTimeout
    ) throws(LoaderError) -> (head: String, bytes: [UInt8]) {
        let line = isSecret ? ATLine(secret: Secret(command), name: command) : ATLine(command)
        let answer = try begin(line, prefix: nil)
        defer { end(line) }
        reader.counted = form
        patience = .seconds(1) + wireTime(count)
        var result = ATResult()
        var found: (head: String, bytes: [UInt8])?
        var deadline = ContinuousClock.now + timeout + wireTime(line.bytes.count + count)
        while let item = try next(until: deadline) {
            if case .value(let head, let bytes) = item, found == nil {
                found = (head, bytes)
                continue
            }
            guard case .final(let code)? = judge(item, answer, &result) else {
                shorten(&deadline)
                continue
            }
            try accept(code, line)
            if let found { return found }
            isOutOfStep = true
            throw LoaderError(.noise, "\(line.name): OK came without the value asked for: check cable, rate and power")
        }
        throw silence(line)
    }
}

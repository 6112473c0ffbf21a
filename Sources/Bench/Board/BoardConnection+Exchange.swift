public import Provisioning

extension BoardConnection {
    /// Sends one line to the running firmware's console and reads until a line fits one of `patterns`.
    ///
    /// - Parameters:
    ///   - line: without its end; it may hold a credential and is kept nowhere.
    ///   - onLine: called on the slot's thread for each line read; must not block. A board may echo what was sent.
    /// - Returns: the line that fits; nil where none came within `limit`.
    /// - Throws: ``LoaderError`` for the port.
    public func exchange(
        _ line: Secret, until patterns: [ConsolePattern], within limit: Duration, onLine: @Sendable (String) -> Void
    ) throws -> String? {
        let deadline = ContinuousClock.now + limit
        let link = try consoleLink()
        // What came before belongs to nobody's question.
        for read in consoleLines.push(
            try mapped { () throws(LinkError) in try link.read(upTo: 65_536, deadline: .now) })
        {
            onLine(read)
        }
        try mapped { () throws(LinkError) in
            try link.write(line.withBytes { Array($0) } + Array("\r\n".utf8), deadline: deadline)
        }
        while ContinuousClock.now < deadline {
            let bytes = try mapped { () throws(LinkError) in try link.read(upTo: 4096, deadline: deadline) }
            var found: String?
            for read in consoleLines.push(bytes) {
                onLine(read)
                if found == nil, patterns.contains(where: { $0.matches(read) }) { found = read }
            }
            if let found { return found }
        }
        return nil
    }
}

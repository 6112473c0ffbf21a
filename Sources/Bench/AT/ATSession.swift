import BoardProtocols
public import Provisioning

/// Talks AT to one module: one command at a time, each to its final result.
///
/// Lives on the slot's thread and blocks there. ``open(tries:)`` comes first. A command that gets no final result
/// leaves the session out of step; the next one first brings it back in step, since a module may abort what runs on
/// any byte and may answer late. Silence is `noResponse`, damaged lines are `noise`, a refusal is `protocolError` with
/// the module's words. Grammar: ``BoardProtocols/ATAnswer``.
public final class ATSession {
    /// How long most commands may take. Source: makers' manuals state 300 ms for most; some access flash or SIM.
    public static let usualTimeout = Duration.seconds(5)
    /// How many unsolicited lines are kept.
    static let keptURCs = 200

    public let link: any BoardLink
    /// Bytes put on the wire and taken from it so far.
    public internal(set) var traffic = (sent: 0, received: 0)
    /// The last unsolicited and unknown lines, for diagnosis. Nothing that comes around a secret is kept.
    public private(set) var urcs: [String] = []
    /// Whether the module answers in digits; ended by ``open(tries:)``.
    var isNumeric = false
    /// A command has ended without its final result, or none was sent yet.
    var isOutOfStep = true
    /// How many bytes the module may still be waiting for as a command's data.
    var owed = 0
    /// How much longer a command that may be repeated waits once bytes came that no module prints; nil = its whole
    /// time.
    var patience: Duration?
    /// What comes now may be the echo of a secret.
    var isHushed = false

    var reader = ATLineReader()
    var items: [ATLineReader.Item] = []
    /// Damaged or unknown lines since the command was sent.
    var damaged = 0
    /// Those of them that hold bytes which no module prints.
    var broken = 0
    var latest = ""

    /// - Parameter link: open, at the module's rate. The session does not close it.
    public init(link: any BoardLink) { self.link = link }

    // MARK: - Commands

    /// Sends a command and waits for its final result.
    ///
    /// - Parameters:
    ///   - text: without CR.
    ///   - prefix: of the information lines; nil = taken from the command: `+CGSN` of `AT+CGSN=1`.
    ///   - bare: whether lines without a prefix are information too, as AT+GMR's are.
    /// - Throws: ``LoaderError`` `noResponse`, `noise`, `protocolError` with the module's words, `portLost`,
    ///   `cancelled`.
    public func command(
        _ text: String, prefix: String? = nil, bare: Bool = false, timeout: Duration = usualTimeout
    ) throws(LoaderError) -> ATResult {
        try run(
            ATLine(text), prefix: prefix ?? ATText.prefix(ofCommand: text), bare: bare, timeout: timeout)
    }

    /// Sends a command that carries a secret. No error, result or ``urcs`` quotes it or an echo of it.
    ///
    /// - Parameters:
    ///   - line: the whole command line, without CR.
    ///   - name: what errors call it.
    ///   - success: a line that ends it well besides `OK`.
    public func command(
        secret line: Secret, name: String, success: String? = nil, timeout: Duration = usualTimeout
    ) throws(LoaderError) {
        _ = try run(ATLine(secret: line, name: name), prefix: nil, success: success, timeout: timeout)
    }

    /// ``command(_:prefix:bare:timeout:)`` for commands that only read: three tries where nothing or damage came.
    ///
    /// - Parameter value: takes the value out of the information lines; nil = it is not there, which counts as damage.
    /// - Throws: as the command; `protocolError` where whole answers came and the value was in none.
    public func query<Value>(
        _ text: String, bare: Bool = false, timeout: Duration = usualTimeout, value: ([String]) -> Value?
    ) throws(LoaderError) -> Value {
        for attempt in 1... {
            let result: ATResult
            do {
                result = try run(
                    ATLine(text), prefix: ATText.prefix(ofCommand: text), bare: bare, timeout: timeout,
                    patience: .seconds(1))
            } catch {
                guard attempt < 3, error.kind == .noise || error.kind == .noResponse else { throw error }
                continue
            }
            if let value = value(result.lines) { return value }
            guard attempt < 3 else { break }
            isOutOfStep = true
        }
        throw LoaderError(
            damaged > 0 ? .noise : .protocolError,
            "\(text): OK came three times, and not one value of the form expected: check the command in the board's "
                + "profile")
    }

    func run(
        _ line: ATLine, prefix: String?, bare: Bool = false, success: String? = nil, timeout: Duration,
        patience: Duration? = nil
    ) throws(LoaderError) -> ATResult {
        let answer = try begin(line, prefix: prefix, bare: bare, success: success)
        defer { end(line) }
        self.patience = patience
        var result = ATResult()
        try finish(line, answer, until: .now + timeout + wireTime(line.bytes.count), into: &result)
        return result
    }

    // MARK: - The parts of a command

    /// Brings the session in step where it is not, and sends the line.
    func begin(
        _ line: ATLine, prefix: String?, bare: Bool = false, success: String? = nil
    ) throws(LoaderError) -> ATAnswer {
        guard line.bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw LoaderError(.protocolError, "\(line.name): holds a character that would end the command line")
        }
        if isOutOfStep { try recover() } else { try discard() }
        (damaged, broken, latest) = (0, 0, "")
        isHushed = line.isSecret
        isOutOfStep = true
        try write(line.bytes + [13])
        return ATAnswer(
            command: line.bytes, prefix: prefix, takesBare: bare, numeric: isNumeric, success: success)
    }

    /// Takes lines until the final result.
    func finish(
        _ line: ATLine, _ answer: ATAnswer, until deadline: ContinuousClock.Instant, into result: inout ATResult
    ) throws(LoaderError) {
        var deadline = deadline
        while let item = try next(until: deadline) {
            if case .final(let code)? = judge(item, answer, &result) { return try accept(code, line) }
            shorten(&deadline)
        }
        throw silence(line)
    }

    /// Waits less for an answer that is damaged already.
    func shorten(_ deadline: inout ContinuousClock.Instant) {
        if let patience, broken > 0 { deadline = min(deadline, .now + patience) }
    }

    /// After a command: in step only if its result was seen; what comes after a secret out of step stays hushed.
    func end(_ line: ATLine) {
        reader.expectsPrompt = false
        reader.counted = nil
        patience = nil
        if !isOutOfStep { isHushed = false }
    }

    /// A final result came.
    func accept(_ code: ATFinal, _ line: ATLine) throws(LoaderError) {
        isOutOfStep = false
        owed = 0
        guard code != .ok else { return }
        let words = line.isSecret ? code.bare : code.description
        throw LoaderError(
            .protocolError, "\(line.name): the module refused with \(words)", received: words)
    }

    /// What an item is to the running command; information and unsolicited lines go into `result`.
    func judge(_ item: ATLineReader.Item, _ answer: ATAnswer, _ result: inout ATResult) -> ATAnswer.Line? {
        guard case .line(let bytes) = item else {
            if case .dropped = item { (damaged, broken) = (damaged + 1, broken + 1) }
            return nil
        }
        let kind = answer.judge(bytes)
        switch kind {
        case .information(let text): result.lines.append(text)
        case .unsolicited(let text):
            keep(text)
            if !isHushed { result.urcs.append(text) }
        case .unknown(let text):
            damaged += 1
            latest = text
            keep(text)
            if !isHushed { result.urcs.append(text) }
        case .damaged: (damaged, broken) = (damaged + 1, broken + 1)
        case .echo, .final, .connect: break
        }
        return kind
    }

    /// Why no final result came.
    func silence(_ line: ATLine) -> LoaderError {
        guard damaged > 0 || reader.hasUnfinishedLine else {
            return LoaderError(
                .noResponse, "\(line.name): no answer: check that the module has power, has started and is not asleep")
        }
        let sample = line.isSecret || isHushed || latest.isEmpty ? "" : ", the last of them \"\(latest.prefix(60))\""
        return LoaderError(
            .noise,
            "\(line.name): \(max(damaged, 1)) damaged or unknown lines came\(sample), and no final result: check "
                + "cable, rate and power")
    }

    private func keep(_ text: String) {
        guard !isHushed else { return }
        urcs.append(text)
        if urcs.count > Self.keptURCs { urcs.removeFirst(urcs.count - Self.keptURCs) }
    }
}

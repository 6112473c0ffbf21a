/// Carries out a slot's power actions by command or socket, on a thread of its own so that the board's console can be
/// read meanwhile. Modem lines belong to the board's port and are handled by ``BoardConnection``.
public actor PowerController {
    public nonisolated let control: PowerControl
    private let slot: String
    private let thread: SlotThread

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    /// - Parameter slot: fills `{slot}` in a command.
    public init(_ control: PowerControl, slot: String) {
        self.control = control
        self.slot = slot
        thread = SlotThread(name: "power \(slot)")
    }

    /// Whether the control can give a board power that has none.
    nonisolated var canPower: Bool {
        switch control {
        case .command, .socket: true
        case .none, .modemLines: false
        }
    }

    /// Does `action`, or returns at once where the control is ``PowerControl/none`` or the modem lines.
    /// - Throws: ``PowerError``; `CancellationError`.
    public func perform(_ action: PowerAction) async throws {
        switch control {
        case .none, .modemLines: return
        case .command(let template): try await CommandPower(template: template).perform(action, slot: slot)
        case .socket(let host, let port):
            let answer = try ask(host, port, action.rawValue)
            guard answer != "ok" else { return }
            let reason = answer.hasPrefix("error ") ? String(answer.dropFirst(6)) : answer
            throw PowerError(.refused, action: action.rawValue, "the fixture answered: \(reason)")
        }
    }

    /// What the fixture says about a board in the slot; nil where the control cannot tell.
    /// - Throws: ``PowerError`` `unavailable` or `timeout`; `CancellationError`.
    public func isBoardPresent() throws -> Bool? {
        guard case .socket(let host, let port) = control else { return nil }
        return switch try ask(host, port, "present?") {
        case "yes": true
        case "no": false
        default: nil
        }
    }

    /// One line to the fixture and its one line back.
    private func ask(_ host: String, _ port: Int, _ line: String) throws -> String {
        let deadline = ContinuousClock.now + PowerControl.limit
        do {
            let link = try SocketLink(host: host, tcpPort: port, baud: 0, deadline: deadline)
            defer { link.close() }
            try link.write(Array(line.utf8) + [10], deadline: deadline)
            var answer: [UInt8] = []
            while !answer.contains(10) {
                let bytes = try link.read(upTo: 1024, deadline: deadline)
                guard !bytes.isEmpty, answer.count < 4096 else {
                    throw PowerError(.timeout, action: line, "the fixture did not answer within 15 s")
                }
                answer += bytes
            }
            return ConsoleLines.printable(Array(answer.prefix { $0 != 10 && $0 != 13 }))
        } catch let error as LinkError {
            if error.code == .cancelled { throw CancellationError() }
            throw PowerError(.unavailable, action: line, "the fixture cannot be reached: \(error.sentence)")
        }
    }
}

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
        case .command, .socket, .serial, .hubPort: true
        case .none, .modemLines: false
        }
    }

    /// Does `action`, or returns at once where the control is ``PowerControl/none`` or the modem lines.
    /// - Throws: ``PowerError``; `CancellationError`.
    public func perform(_ action: PowerAction) async throws {
        switch control {
        case .none, .modemLines: return
        case .command(let template): try await CommandPower(template: template).perform(action, slot: slot)
        case .serial(let relay) where !relay.bytes.isEmpty: try send(relay.steps(action), relay, action)
        case .hubPort(let port): try await switchHub(port, action)
        case .socket, .serial:
            let answer = try ask(action.rawValue)
            guard answer != "ok" else { return }
            let reason = answer.hasPrefix("error ") ? String(answer.dropFirst(6)) : answer
            throw PowerError(.refused, action: action.rawValue, "the fixture answered: \(reason)")
        }
    }

    /// A hub port has power or none: a board whose loader needs more than that has another control.
    private func switchHub(_ port: USBBusPort, _ action: PowerAction) async throws {
        let hub: USBHubPower
        do { hub = USBHubPower(bus: try USBBus.shared.get(), port: port) } catch {
            throw PowerError(.unavailable, action: action.rawValue, error.description)
        }
        switch action {
        case .off: try hub.set(on: false)
        case .on: try hub.set(on: true)
        case .run:
            try hub.set(on: false)
            try await Task.sleep(for: .milliseconds(500))
            try hub.set(on: true)
        case .loader:
            throw PowerError(
                .refused, action: action.rawValue,
                "a hub port only switches power and cannot start a loader: give the slot another control")
        }
    }

    /// What the fixture says about a board in the slot; nil where the control cannot tell.
    /// - Throws: ``PowerError`` `unavailable` or `timeout`; `CancellationError`.
    public func isBoardPresent() throws -> Bool? {
        switch control {
        case .socket: break
        case .serial(let relay) where relay.bytes.isEmpty: break
        default: return nil
        }
        return switch try ask("present?") {
        case "yes": true
        case "no": false
        default: nil
        }
    }

    /// One line to the fixture and its one line back.
    private func ask(_ line: String) throws -> String {
        try withFixture(line) { link, deadline throws(LinkError) in
            try link.write(Array(line.utf8) + [10], deadline: deadline)
            var answer: [UInt8] = []
            while !answer.contains(10), answer.count < 4096 {
                let bytes = try link.read(upTo: 1024, deadline: deadline)
                guard !bytes.isEmpty else { return nil }
                answer += bytes
            }
            return ConsoleLines.printable(Array(answer.prefix { $0 != 10 && $0 != 13 }))
        }
    }

    /// Bytes to a relay that does not answer, half a second between them.
    private func send(_ steps: [[UInt8]], _ relay: SerialRelay, _ action: PowerAction) throws {
        _ = try withFixture(action.rawValue) { link, deadline throws(LinkError) in
            for (index, bytes) in steps.enumerated() {
                if index > 0 { try link.pause(SerialRelay.offTime) }
                try link.write(bytes, deadline: deadline)
            }
            return ""
        }
    }

    /// Opens the fixture's link for one action and closes it again.
    /// - Parameter body: returns nil where the fixture did not answer in time.
    private func withFixture(
        _ line: String, _ body: (any BoardLink, ContinuousClock.Instant) throws(LinkError) -> String?
    ) throws -> String {
        let deadline = ContinuousClock.now + PowerControl.limit
        do {
            let link = try openFixture(deadline)
            defer { link.close() }
            guard let answer = try body(link, deadline) else {
                throw PowerError(.timeout, action: line, "the fixture did not answer within 15 s")
            }
            return answer
        } catch let error as LinkError {
            if error.code == .cancelled { throw CancellationError() }
            throw PowerError(.unavailable, action: line, "the fixture cannot be reached: \(error.sentence)")
        }
    }

    /// A relay's port may be in use for another slot just now: then it is waited for.
    private func openFixture(_ deadline: ContinuousClock.Instant) throws(LinkError) -> any BoardLink {
        switch control {
        case .socket(let host, let port):
            return try SocketLink(host: host, tcpPort: port, baud: 0, deadline: deadline)
        case .serial(let relay):
            while true {
                do {
                    return try SerialLink(path: relay.path, baud: relay.baud)
                } catch {
                    guard error.code == .busy, ContinuousClock.now < deadline else { throw error }
                    try DescriptorIO.pause(.milliseconds(20), port: relay.path)
                }
            }
        case .none, .modemLines, .command, .hubPort:
            throw LinkError(.address, port: "\(control)", "has no fixture")
        }
    }
}

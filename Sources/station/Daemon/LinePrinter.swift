import Execution
import Foundation
import Locking
import Provisioning

/// Shows the line on a terminal: one live line with a progress bar a slot on a TTY, plain lines elsewhere.
final class LinePrinter: Sendable {
    private struct State {
        var slots: [String: SlotStatus]
        var drawn = 0
        var lastDraw = ContinuousClock.now
    }

    private let output: FileHandle
    private let names: [String]
    private let isTerminal: Bool
    private let state: Locked<State>

    init(output: FileHandle, slots: [String]) {
        self.output = output
        names = slots
        isTerminal = isatty(output.fileDescriptor) == 1
        state = Locked(State(slots: Dictionary(uniqueKeysWithValues: slots.map { ($0, SlotStatus(slot: $0)) })))
    }

    /// Prints one line of its own.
    func note(_ text: String) {
        state.withLock { state in
            write(erase(&state) + text + "\n" + (isTerminal ? draw(&state) : ""))
        }
    }

    /// Follows the line's events until they end.
    func follow(_ events: AsyncStream<LineEvent>) async {
        for await event in events { take(event) }
        state.withLock { state in state.drawn = 0 }
    }

    private func take(_ event: LineEvent) {
        switch event {
        case .slot(let status):
            state.withLock { state in
                let isNews =
                    state.slots[status.slot]?.word != status.word || state.slots[status.slot]?.step != status.step
                state.slots[status.slot] = status
                guard isTerminal, isNews || ContinuousClock.now - state.lastDraw > .milliseconds(100) else { return }
                write(erase(&state) + draw(&state))
            }
        case .step(let slot, let run, let step, let detail):
            if !isTerminal { note("\(slot)  run \(run)  \(step.rawValue)\(detail.isEmpty ? "" : ": " + detail)") }
        case .order(let order):
            note("order \(order.id) is \(order.state.rawValue)\(order.holdCode.map { " (\($0))" } ?? "")")
        case .concluded(let slot, let run, let outcome, let failure):
            let name = state.withLock { $0.slots[slot]?.deviceName ?? $0.slots[slot]?.identity } ?? "?"
            note("\(slot)  run \(run)  \(name)  \(outcome.rawValue.uppercased())\(failure.map { "  \($0)" } ?? "")")
        case .notice(let text, _): note(text)
        case .started, .shift: break
        }
    }

    private func erase(_ state: inout State) -> String {
        defer { state.drawn = 0 }
        return state.drawn > 0 ? "\u{1B}[\(state.drawn)A\u{1B}[J" : ""
    }

    private func draw(_ state: inout State) -> String {
        state.drawn = names.count
        var size = winsize()
        let isKnown = ioctl(output.fileDescriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20
        let width = isKnown ? Int(size.ws_col) - 1 : 79
        state.lastDraw = .now
        return names.compactMap { state.slots[$0].map { Self.line($0, width: width) } }.joined(separator: "\n") + "\n"
    }

    private static func line(_ status: SlotStatus, width: Int) -> String {
        var text = pad(status.slot, 10) + pad(status.word.rawValue, 6)
        if status.word == .busy || status.word == .hold, let step = status.step {
            text += pad(step.rawValue, 9) + bar(status.progress)
        }
        text += " " + (status.deviceName ?? status.identity ?? "")
        if let failure = status.failure { text += "  \(failure.code)" }
        if !status.message.isEmpty { text += "  " + status.message }
        return String(text.prefix(width))
    }

    private static func bar(_ progress: SlotStatus.Progress?) -> String {
        let width = 20
        guard let progress, progress.total > 0 else { return "[" + String(repeating: " ", count: width) + "]     " }
        let full = min(width, progress.done * width / progress.total)
        return "[" + String(repeating: "#", count: full) + String(repeating: " ", count: width - full) + "] "
            + pad("\(min(100, progress.done * 100 / progress.total))%", 4)
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private func write(_ text: String) {
        guard !text.isEmpty else { return }
        try? output.write(contentsOf: Data(text.utf8))
    }
}

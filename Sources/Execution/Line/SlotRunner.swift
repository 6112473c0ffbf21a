import Bench
import Locking
import Provisioning

/// One slot's life: wait for a board, run it, wait until it is gone.
///
/// A board found in the slot at start-up is identified like any other. The slot takes its next board only after the last
/// one has been away for a second.
final class SlotRunner: Sendable {
    /// A board must be away this long before the slot is empty.
    static let absence = Duration.seconds(1)
    private static let tick = Duration.milliseconds(100)

    let slot: SlotSettings
    let line: LineParts
    private let board: BoardConnection
    private let status: Locked<SlotStatus>
    /// The order of the last board here; another one begins with an empty slot.
    private let lastOrder = Locked<String?>(nil)

    init(slot: SlotSettings, line: LineParts) {
        self.slot = slot
        self.line = line
        board = BoardConnection(
            slot: slot.name, port: slot.port, control: slot.control,
            options: BoardConnection.Options(
                maxBaud: slot.maxBaud, lastGoodBaud: line.health.lastGoodBaud(slot.name),
                stubDirectory: line.settings.stubDirectory,
                consoleBaud: slot.profile.console.baud, method: slot.method, answerLimit: slot.profile.budgets.connect,
                tagAddress: slot.profile.flash.tag.map { UInt32($0.offset) }))
        status = Locked(SlotStatus(slot: slot.name))
    }

    /// Runs boards until cancelled. Throws only what the journal throws.
    func run() async throws {
        show { $0.word = .empty }
        var arrival: ContinuousClock.Instant?
        while !Task.isCancelled {
            guard await board.isPresent() else {
                arrival = nil
                try? await Task.sleep(for: Self.tick)
                continue
            }
            let since = arrival ?? .now
            arrival = since
            let orders = try await line.gate.orders(profile: slot.profile.name)
            guard let order = orders.first(where: \.isWorking), orders.count(where: \.isWorking) == 1 else {
                await showNoOrder(orders)
                continue
            }
            let space = DiskSpace(at: line.settings.dataFolder)?.refusal(line.settings.diskLimits)
            if let failure = await line.ports.refusal(slot: slot.name) ?? space {
                let isNews = status.withLock { $0.failure?.code != failure.code }
                if isNews { line.events.send(.notice("\(slot.name)  HOLD  \(failure)")) }
                show { status in
                    (status.word, status.failure, status.message) = (.hold, failure, failure.detail)
                }
                try? await Task.sleep(for: Self.tick * 5)
                await forgetIfGone()
                continue
            }
            if let wait = try await wait(for: order, since: since) {
                show { status in
                    (status.word, status.order) = (.ready, order.id)
                    (status.message, status.messageZh) = (wait.en, wait.zh)
                }
                try? await Task.sleep(for: Self.tick * 5)
                await forgetIfGone()
                continue
            }
            lastOrder.withLock { $0 = order.id }
            await line.ports.begin(slot: slot.name)
            let isGone = try await runBoard(order)
            await line.ports.end(slot: slot.name)
            if !isGone { await waitForRemoval() }
            arrival = nil
            status.withLock { $0 = SlotStatus(slot: slot.name) }
            show { $0.word = .empty }
        }
        await board.close()
    }

    /// Why a board that has lain here since `arrival` does not start; nil where it does.
    private func wait(for order: WorkOrder, since arrival: ContinuousClock.Instant) async throws -> OrderPace.Wait? {
        if let wait = try await line.shifts.wait() { return wait }
        // A change-over: what was placed for the last order is not taken for a board of the next one.
        if let last = lastOrder.withLock({ $0 }), last != order.id,
            await line.gate.workingSince(order.id).map({ arrival < $0 }) ?? true
        {
            return OrderPace.Wait(
                zh: "换单：\(last) → \(order.id)，先取下板子", en: "change-over from \(last) to \(order.id): take the board out")
        }
        return try await line.pace.wait(slot: slot.name, order: order.id)
    }

    /// - Returns: whether the board has been taken away already.
    private func runBoard(_ order: WorkOrder) async throws -> Bool {
        let run = BoardRun(line: line, slot: slot, order: order, board: board) { [self] change in show(change) }
        let ending = try await run.perform()
        let conclusion = ending.conclusion
        let unit = status.withLock { $0.deviceName ?? $0.identity }
        try await line.pace.ended(
            slot: slot.name, order: order, ending: ending, unit: unit)
        let ended: @Sendable (inout SlotStatus) -> Void = { status in
            status.until = nil
            (status.progress, status.failure, status.step) = (nil, conclusion.failure, .conclude)
            status.word =
                switch conclusion.outcome {
                case .pass: .pass
                case .done: .done
                case .fail, .interrupted: .fail
                case .held: .hold
                case .aborted: conclusion.failure?.code == .alreadyPassed ? .pass : .ready
                }
            let entry = conclusion.failure?.code.entry
            status.message = entry.map { "\($0.en.happened). \($0.en.action)." } ?? ""
            status.messageZh = entry.map { "\($0.zh.happened)。\($0.zh.action)。" } ?? ""
        }
        let job = try await labelJob(ending, order)
        if job == nil { show(ended) }
        line.events.send(
            .concluded(slot: slot.name, run: ending.run, outcome: conclusion.outcome, failure: conclusion.failure))
        guard let job else { return false }
        try await attendLabel(job, ended)
        return true
    }

    func waitForRemoval() async {
        var awaySince: ContinuousClock.Instant?
        while !Task.isCancelled {
            if await board.isPresent() {
                awaySince = nil
            } else {
                let since = awaySince ?? .now
                awaySince = since
                if .now - since >= Self.absence { return }
            }
            try? await Task.sleep(for: Self.tick)
        }
    }

    private func forgetIfGone() async {
        guard await !board.isPresent() else { return }
        status.withLock { $0 = SlotStatus(slot: slot.name) }
        show { $0.word = .empty }
    }

    /// No order takes the board: because there is none, several, or one that a person has to open.
    private func showNoOrder(_ orders: [WorkOrder]) async {
        if let held = orders.first(where: \.needsCause) {
            let failure = Failure(.repetition, "order \(held.id) is on hold")
            show { status in
                (status.word, status.failure, status.order) = (.hold, failure, held.id)
                (status.message, status.messageZh) = (
                    failure.code.entry.en.happened + ". " + failure.code.entry.en.help + ".",
                    failure.code.entry.zh.happened + "。" + failure.code.entry.zh.help + "。"
                )
            }
        } else {
            show { status in
                status.word = .ready
                status.message = "no open order for \(self.slot.profile.name) boards"
                status.messageZh = "没有 \(self.slot.profile.name) 板的开放工单"
            }
        }
        try? await Task.sleep(for: Self.tick * 5)
        await forgetIfGone()
    }

    func show(_ change: @Sendable (inout SlotStatus) -> Void) {
        let changed = status.withLock { status in
            change(&status)
            return status
        }
        line.events.send(.slot(changed))
    }
}

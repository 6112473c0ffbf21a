import Journal
import Provisioning

/// The label of a board that has passed: the slot is done with it when its label was scanned back.
extension SlotRunner {
    /// The label that is due after a run, or that may be printed once more; nil where there is none.
    func labelJob(_ ending: BoardRun.Ending, _ order: WorkOrder) async throws -> LabelDesk.Job? {
        let conclusion = ending.conclusion
        guard let labels = line.calls.labels,
            labels.labels(conclusion.outcome) || conclusion.failure?.code == .alreadyPassed,
            let unit = try await line.journal.unit(ofRun: ending.run),
            labels.labels(unit.state == .done ? .done : .pass)
        else { return nil }
        let own = unit.order == order.id ? order : try await line.journal.order(unit.order)
        return LabelDesk.Job(unit: unit, order: own ?? order, slot: slot.name, run: ending.run)
    }

    /// Sees to the label until the board has been taken away.
    /// - Parameter ended: how the slot shows the run's end once there is nothing more to do for the label.
    func attendLabel(_ job: LabelDesk.Job, _ ended: @escaping @Sendable (inout SlotStatus) -> Void) async throws {
        guard let labels = line.calls.labels else { return }
        let (deviceName, limit) = (job.unit.deviceName.text, labels.scanLimit)
        try await labels.attend(
            job,
            show: { [self] phase in
                show { status in
                    (status.step, status.progress, status.failure) = (.conclude, nil, nil)
                    status.deviceName = deviceName
                    status.until = phase == .scan ? .now + limit : nil
                    status.take(phase, ended)
                }
            }, untilGone: { [self] in await waitForRemoval() })
    }
}

extension SlotStatus {
    fileprivate mutating func take(_ phase: LabelDesk.Phase, _ ended: (inout SlotStatus) -> Void) {
        switch phase {
        case .queued:
            word = .busy
            (message, messageZh) = ("waits for the label printer: scan the label that is out first", "等待打印标签：先扫描已打出的标签")
        case .printing:
            word = .busy
            (message, messageZh) = ("prints the label", "正在打印标签")
        case .scan:
            word = .scan
            (message, messageZh) = ("stick the label on and scan it", "贴好标签并扫描它")
        case .held(let failure):
            (word, self.failure) = (.hold, failure)
            (message, messageZh) = ("\(failure.code.entry.en.happened). \(failure.code.entry.en.action).", "")
        case .confirmed:
            (message, messageZh) = ("", "")
            ended(&self)
        }
    }
}

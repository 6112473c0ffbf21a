import AliyunIoT
import Bench
public import Journal
import Provisioning
public import ServiceLifecycle

/// The line: every slot runs its boards, the gate watches over the orders, until the task is cancelled.
///
/// At its start every run that a crash left open is concluded *interrupted*. A graceful stop takes no new board and
/// aborts the running ones with their records whole. It ends with an error only when the journal cannot be written: then
/// no board may go on.
public struct Line: Service {
    /// How long slots show why the station stops, before it does: long enough for page and andon to have it.
    private static let farewell = Duration.seconds(3)

    private let parts: LineParts

    /// What happens on the line, for terminals and pages.
    public var events: LineEvents { parts.events }
    /// The slots that wait for the label of their board.
    public var labels: LabelScans { parts.labels }

    /// How the things are that the line depends on.
    public func conditions() async -> [LineCondition] { await parts.conditions.all() }

    /// Begins and ends the line's shifts.
    var shifts: ShiftDesk { parts.shifts }

    /// Whom the line tells and asks.
    public var calls: LineCalls { parts.calls }

    public init(settings: LineSettings, journal: Journal, releases: ReleaseStore, desk: CloudDesk) {
        parts = LineParts(settings: settings, journal: journal, releases: releases, desk: desk)
    }

    public func run() async throws {
        let (settings, journal) = (parts.settings, parts.journal)
        defer { parts.events.finish() }
        try await journal.append(
            kind: .stationStarted, actor: settings.actor,
            body: [
                "station": .string(settings.stationID), "slots": .array(settings.slots.map { .string($0.name) }),
            ])
        try await journal.writeHead()
        let interrupted = try await journal.concludeInterrupted(actor: settings.actor)
        if !interrupted.isEmpty {
            events.send(
                .notice(
                    "\(interrupted.count) runs were cut off and are recorded as interrupted",
                    zh: "\(interrupted.count) 次运行被中断，已记录"))
        }
        for (profile, digest) in settings.profileDigests {
            try await journal.noteProfile(profile, digest: digest, actor: settings.actor)
        }
        let told = events.watch()
        for order in try await journal.orders() where order.state == .held { events.send(.order(order)) }
        events.send(.started)
        try await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                // The andon is told to the end.
                group.addTask { try await parts.calls.run(told) }
                group.addTask {
                    do { try await work() } catch let error as JournalError {
                        // Once more, over what slots have shown while they ended.
                        showStop(error)
                        try? await Task.sleep(for: Self.farewell)
                        throw error
                    }
                }
                do {
                    while try await group.next() != nil {}
                } catch is CancellationError {
                    // A stop; whoever still runs ends by itself.
                    group.cancelAll()
                }
            }
        }
        try await journal.append(
            kind: .stationStopped, actor: settings.actor, body: ["station": .string(settings.stationID)])
        try await journal.writeHead()
    }

    /// Everything that the line does, until it is cancelled or the journal cannot be written.
    private func work() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await parts.gate.run() }
            group.addTask { try await parts.shifts.run() }
            group.addTask { await parts.states.run() }
            group.addTask { await parts.networks.run() }
            group.addTask { try await parts.conditions.run() }
            group.addTask { try await LeakWatch(parts).run() }
            group.addTask { try await Preregistrar(parts).run() }
            for slot in parts.settings.slots {
                group.addTask { try await SlotRunner(slot: slot, line: parts).run() }
            }
            // The first that cannot go on ends all others.
            do { while try await group.next() != nil {} } catch let error as JournalError {
                showStop(error)
                throw error
            }
        }
    }

    /// Every slot shows why the station stops.
    private func showStop(_ error: JournalError) {
        let failure = Failure(.journalFault, error.description)
        for slot in parts.settings.slots {
            var status = SlotStatus(slot: slot.name)
            (status.word, status.failure) = (.hold, failure)
            status.message = "\(failure.code.entry.en.happened). \(failure.code.entry.en.action)."
            status.messageZh = "\(failure.code.entry.zh.happened)。\(failure.code.entry.zh.action)。"
            events.send(.slot(status))
        }
    }
}

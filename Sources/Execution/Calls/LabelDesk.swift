import CutPoint
import Foundation
import Journal
public import Provisioning

/// The station's labels: printed one slot at a time, each scanned back at its slot before the next is printed.
///
/// A label is printed once its board's PASS is on record, so trouble with printer or paper never costs a PASS: it holds the
/// slot, and a board that is taken away without its label gets it when it is placed again. Each copy is on record before
/// its bytes go out; a copy after the first has its reason.
public actor LabelDesk {
    /// What a slot with a label shows.
    public enum Phase: Hashable, Sendable {
        /// Another slot's label is to be scanned first.
        case queued
        case printing
        /// The label waits to be stuck on and scanned here.
        case scan
        /// ST-301, ST-302 or ST-304.
        case held(Failure)
        case confirmed
    }

    /// A board whose label is due.
    public struct Job: Sendable {
        public let unit: BoardUnit
        public let order: WorkOrder
        public let slot: String
        public let run: Int64

        public init(unit: BoardUnit, order: WorkOrder, slot: String, run: Int64) {
            (self.unit, self.order, self.slot, self.run) = (unit, order, slot, run)
        }
    }

    /// What a scan at a slot was.
    public enum ScanBack: Hashable, Sendable {
        /// The label of the board in this slot: it is on record.
        case accepted(slot: String)
        /// Another text: nothing has changed. ST-303, which does not tell what was expected.
        case wrong(Failure)
        /// No label is waited for at this slot.
        case notAsked
    }

    private struct Attendance {
        let job: Job
        let text: String
        let events: AsyncStream<LabelMachine.Event>.Continuation
        /// Whether a copy was ever sent to the printer: before that, whatever carries the text is not the printed label.
        var isOut: Bool
        var isConfirmed: Bool
    }

    private let station: String
    private let settings: LabelSettings
    private let journal: Journal
    private let actor: String
    private let printer: LabelPrinter
    private var attended: [String: Attendance] = [:]
    /// Slots that want to print; the first has the turn.
    private var line: [String] = []
    private var trouble: String?
    private var hasPrinted = false

    init(station: String, settings: LabelSettings, journal: Journal, actor: String) {
        (self.station, self.settings, self.journal, self.actor) = (station, settings, journal, actor)
        printer = LabelPrinter(target: settings.printer, limit: settings.limit)
    }

    /// How the printer is.
    public var health: CallHealth {
        if let trouble { return CallHealth(.bad, zh: "标签机：故障", en: "label printer: \(trouble)") }
        return hasPrinted
            ? CallHealth(.ok, zh: "标签机：正常", en: "label printer: well")
            : CallHealth(.unknown, zh: "标签机：未知", en: "label printer: nothing printed yet")
    }

    /// The slots whose label waits to be scanned.
    public var waitingSlots: [String] { attended.filter { !$0.value.isConfirmed }.keys.sorted() }

    /// How long a printed label may stay unscanned.
    nonisolated var scanLimit: Duration { settings.scanLimit }

    /// Whether boards with that outcome get a label.
    nonisolated func labels(_ outcome: Outcome) -> Bool {
        outcome == .pass || (outcome == .done && settings.labelsDone)
    }

    /// Takes a text that was scanned.
    /// - Parameters:
    ///   - slot: where; nil where that was not said: one label is out at a time, and its text is no other's.
    ///   - actor: who scanned, for the journal.
    /// - Throws: what the journal throws.
    public func confirm(slot: String?, text: String, actor: String) async throws -> ScanBack {
        let waiting = attended.filter { name, attendance in
            attendance.isOut && !attendance.isConfirmed && (slot == nil || name == slot)
        }
        guard !waiting.isEmpty else { return .notAsked }
        let texts = [text] + LabelText(text).candidates
        guard let (slot, waiting) = waiting.first(where: { !$0.value.text.isEmpty && texts.contains($0.value.text) })
        else {
            let place = slot.map { "the board in slot \($0)" } ?? "a slot that waits"
            return .wrong(Failure(.labelOther, "the scanned label is not the one printed for \(place)"))
        }
        attended[slot]?.isConfirmed = true
        do {
            try await journal.confirmLabel(unit: waiting.job.unit.id, run: waiting.job.run, slot: slot, actor: actor)
        } catch {
            attended[slot]?.isConfirmed = false
            throw error
        }
        waiting.events.yield(.scanned)
        return .accepted(slot: slot)
    }

    /// Prints the label of a unit once more, whose board is in a slot.
    /// - Parameters:
    ///   - reason: why, for the journal; not empty.
    ///   - actor: who asked.
    /// - Returns: false where the unit's board is in no slot, or gets no label there.
    public func reprint(deviceName: String, reason: String, actor: String) -> Bool {
        guard let (slot, waiting) = attended.first(where: { $0.value.job.unit.deviceName.text == deviceName }) else {
            return false
        }
        attended[slot]?.isConfirmed = false
        waiting.events.yield(.reprint(reason: "\(reason) (\(actor))"))
        return true
    }

    /// Sees to a board's label until the board is taken away: prints it unless it was scanned back before, waits for the
    /// scan, prints again where that is asked for.
    /// - Parameters:
    ///   - show: told each phase.
    ///   - untilGone: returns when the board has been taken away.
    /// - Throws: what the journal throws; `CancellationError`.
    func attend(
        _ job: Job, show: @escaping @Sendable (Phase) -> Void, untilGone: @escaping @Sendable () async -> Void
    ) async throws {
        let known = try await journal.label(unit: job.unit.id)
        let (stream, events) = AsyncStream.makeStream(of: LabelMachine.Event.self)
        let isConfirmed = known?.isConfirmed ?? false
        var machine = LabelMachine(
            isConfirmed: isConfirmed, reason: known.map { "copy \($0.copies) was not scanned back" },
            scanLimit: settings.scanLimit)
        var actions = machine.begin()
        var text = ""
        do { text = try settings.scan.filled(values(job, copy: 1)) } catch {
            actions = machine.refuse(Failure(.labelPrinter, error.description))
        }
        attended[job.slot] = Attendance(
            job: job, text: text, events: events, isOut: known != nil, isConfirmed: isConfirmed)
        defer {
            attended[job.slot] = nil
            giveTurn(job.slot)
            events.finish()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await untilGone()
                events.yield(.gone)
            }
            defer { group.cancelAll() }
            var incoming = stream.makeAsyncIterator()
            while true {
                while !actions.isEmpty {
                    switch actions.removeFirst() {
                    case .askTurn:
                        line.append(job.slot)
                        if line.first == job.slot { events.yield(.turn) }
                    case .giveTurn: giveTurn(job.slot)
                    case .show(let phase): show(phase)
                    case .recordHold(let failure):
                        try await journal.holdLabel(
                            unit: job.unit.id, run: job.run, slot: job.slot, failure: failure, actor: actor)
                    case .wait(let time, let number):
                        group.addTask {
                            try? await Task.sleep(for: time)
                            events.yield(.timer(number))
                        }
                    case .print(let isNewCopy, let reason):
                        switch try await copy(job, text, isNew: isNewCopy, reason: reason) {
                        case .copy(let number):
                            attended[job.slot]?.isOut = true
                            group.addTask { events.yield(await self.print(job, copy: number)) }
                        case .belongs(let other):
                            actions += machine.refuse(
                                Failure(
                                    .labelTaken, "the label text of \(job.unit.deviceName) is already that of \(other)")
                            )
                        }
                    case .end: return
                    }
                }
                guard let event = await incoming.next() else { throw CancellationError() }
                actions = machine.handle(event)
            }
        }
    }

    /// The copy that is to be printed: a new one on record, or the last, which never reached the printer.
    private func copy(_ job: Job, _ text: String, isNew: Bool, reason: String?) async throws -> LabelBeginning {
        if !isNew, let known = try await journal.label(unit: job.unit.id), known.text == text {
            return .copy(known.copies)
        }
        return try await journal.beginLabel(
            unit: job.unit.id, run: job.run, slot: job.slot, text: text, reason: reason, actor: actor)
    }

    private func giveTurn(_ slot: String) {
        let first = line.first
        line.removeAll { $0 == slot }
        if first == slot, let next = line.first { attended[next]?.events.yield(.turn) }
    }

    private func print(_ job: Job, copy: Int) async -> LabelMachine.Event {
        do {
            let label = try settings.template.filled(values(job, copy: copy))
            CutPoint.reach("label.print.before")
            try await printer.send(label)
            CutPoint.reach("label.print.after")
            (trouble, hasPrinted) = (nil, true)
            return .printed
        } catch let known as CallTrouble {
            trouble = known.description
            return .failed(known)
        } catch {
            return .failed(CallTrouble("\(error)", mayHaveArrived: false))
        }
    }

    private func values(_ job: Job, copy: Int) -> [LabelTemplate.Field: String] {
        let (unit, order) = (job.unit, job.order)
        let serial = String(unit.ordinal)
        return [
            .deviceName: unit.deviceName.text, .identity: unit.identity.value,
            .serial: String(repeating: "0", count: max(0, 6 - serial.count)) + serial, .order: unit.order,
            .productKey: unit.productKey, .release: order.release, .profile: order.profile, .slot: job.slot,
            .station: station, .date: Date.now.formatted(.iso8601.year().month().day()), .copy: String(copy),
        ]
    }
}

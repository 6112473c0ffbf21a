import Foundation
import Journal
import Provisioning

/// Begins and ends the shifts of the calendar, and says between them that no board starts.
///
/// Without a calendar it ends what a former configuration has begun, and never stands in a board's way. The end of a shift
/// stops new boards; those that run are finished.
actor ShiftDesk {
    private static let interval = Duration.seconds(1)

    nonisolated let calendar: ShiftCalendar?
    private let journal: Journal
    private let events: LineEvents
    private let actor: String
    private let now: @Sendable () -> Date
    private let onBegin: @Sendable () async -> Void
    /// The shift that is open; nil = none, or not read yet.
    private var open: Shift?
    private var hasRead = false

    /// - Parameter onBegin: told whenever a shift has begun, before its first board.
    init(
        calendar: ShiftCalendar?, journal: Journal, events: LineEvents, actor: String,
        now: @escaping @Sendable () -> Date = { Date() }, onBegin: @escaping @Sendable () async -> Void
    ) {
        (self.calendar, self.journal, self.events, self.actor) = (calendar, journal, events, actor)
        (self.now, self.onBegin) = (now, onBegin)
    }

    /// Follows the calendar until the task is cancelled. Throws only what the journal throws.
    func run() async throws {
        while !Task.isCancelled {
            try await look()
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// Ends the open shift where its time is over, and begins the one whose time has come.
    func look() async throws {
        if let shift = try await journal.openShift(), shift.plan.until <= now() {
            if let ended = try await journal.endShift(shift.id, by: .calendar, actor: actor) { tell(ended) }
        }
        // A shift that was ended before its time is not begun again by itself.
        if try await journal.openShift() == nil, let plan = calendar?.shift(at: now()),
            try await journal.shift(plan.id) == nil
        {
            do { try await begin(plan, actor: actor) } catch let error as JournalError where error.code == .conflict {
                // A leader was faster.
            }
        }
        open = try await journal.openShift()
        hasRead = true
    }

    /// Why no board may start now; nil where one may.
    func wait() async throws -> OrderPace.Wait? {
        guard let calendar else { return nil }
        if !hasRead { try await look() }
        open = try await journal.openShift()
        guard open == nil else { return nil }
        guard let next = calendar.next(after: now()) else {
            return OrderPace.Wait(zh: "现在不在班次内：不放新板", en: "no shift is open: no board starts")
        }
        let time = clock(next.from)
        return OrderPace.Wait(
            zh: "班次已结束：不放新板，下一班 \(next.name) \(time) 开始",
            en: "no shift is open: no board starts before \(next.name) at \(time)")
    }

    // MARK: - What a leader asks

    /// Ends the open shift.
    func end(note: String?, by end: Shift.End, actor: String) async throws -> Shift {
        guard let ended = try await journal.endShift(by: end, note: note, actor: actor) else {
            throw JournalError(.conflict, "no shift is open", zh: "没有进行中的班次")
        }
        open = nil
        tell(ended)
        return ended
    }

    /// Moves the end of the open shift.
    func extend(minutes: Int, reason: String, actor: String) async throws -> Shift {
        guard let shift = try await journal.openShift() else {
            throw JournalError(
                .conflict, "no shift is open: begin one with `station shift begin`", zh: "没有进行中的班次：先开班")
        }
        let moved = try await journal.moveShift(
            until: shift.plan.until + Double(minutes * 60), reason: reason, actor: actor)
        open = moved
        tell(moved)
        return moved
    }

    /// Begins a shift that the calendar does not begin: one that was ended early, or one between two of the calendar's.
    /// - Parameters:
    ///   - name: how it is called; nil = as the calendar's, with a number.
    ///   - minutes: how long it is; nil = to the end of the calendar's shift.
    func begin(name: String?, minutes: Int?, actor: String) async throws -> Shift {
        guard let calendar else {
            throw StationCommand.CommandError(
                description: "no shifts are configured: see [shifts] in station.toml",
                zh: "没有配置班次：见 station.toml 的 [shifts]")
        }
        let from = now()
        let planned = calendar.shift(at: from)
        guard let until = minutes.map({ from + Double($0 * 60) }) ?? planned?.until else {
            throw StationCommand.CommandError(
                description: "the calendar has no shift now: say how many minutes this one is to be",
                zh: "日历里现在没有班次：填写要开多少分钟")
        }
        var plan = ShiftPlan(
            date: calendar.date(of: from), name: name ?? planned?.name ?? "extra", from: from, until: until,
            zone: calendar.zone.identifier, planPerHour: planned?.planPerHour, people: planned?.people ?? [])
        var number = 2
        let wanted = plan.name
        while try await journal.shift(plan.id) != nil {
            plan = ShiftPlan(
                date: plan.date, name: "\(wanted)-\(number)", from: from, until: until, zone: plan.zone,
                planPerHour: plan.planPerHour, people: plan.people)
            number += 1
        }
        return try await begin(plan, actor: actor)
    }

    @discardableResult
    private func begin(_ plan: ShiftPlan, actor: String) async throws -> Shift {
        let begun = try await journal.beginShift(plan, actor: actor)
        await onBegin()
        open = begun
        tell(begun)
        return begun
    }

    private func tell(_ shift: Shift) {
        events.send(.shift(shift))
        guard shift.isOpen else {
            return events.send(
                .notice(
                    "shift \(shift.id) has ended: no new board starts, running ones are finished",
                    zh: "班次 \(shift.id) 已结束：不放新板，运行中的板会做完"))
        }
        let time = clock(shift.plan.until)
        events.send(.notice("shift \(shift.id) is open until \(time)", zh: "班次 \(shift.id) 进行中，到 \(time)"))
    }

    /// A time on the line's wall.
    private func clock(_ instant: Date) -> String {
        var style = Date.VerbatimFormatStyle(
            format: "\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits)",
            timeZone: calendar?.zone ?? .gmt, calendar: Calendar(identifier: .gregorian))
        style.locale = Locale(identifier: "en_US_POSIX")
        return instant.formatted(style)
    }
}

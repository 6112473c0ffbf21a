import Foundation
import Journal
import Provisioning

/// What a person asks of the shift.
public enum ShiftRequest: Codable, Hashable, Sendable {
    /// No new board starts; running ones are finished. `isCard` = by the card END SHIFT.
    case end(note: String?, isCard: Bool)
    /// Minutes that the shift goes on beyond its planned end, 1 to 720.
    case extend(minutes: Int, reason: String)
    /// Begins one that the calendar does not begin.
    case begin(name: String?, minutes: Int?)
    /// What the next shift should know.
    case note(String)

    /// How far a shift may be extended at once, or how long one may be that a leader begins; minutes.
    public static let minutes = 1...720

    func perform(_ context: CommandContext) async throws -> JSONValue {
        let (journal, actor) = (context.journal, context.actor)
        let desk = context.line?.shifts
        switch self {
        case .end(let note, let isCard):
            let end = isCard ? Shift.End.card : .command
            if let desk { return try await desk.end(note: note, by: end, actor: actor).json }
            return try await journal.endShift(by: end, note: note, actor: actor)?.json ?? .null
        case .extend(let minutes, let reason):
            try Self.check(minutes)
            if let desk { return try await desk.extend(minutes: minutes, reason: reason, actor: actor).json }
            guard let open = try await journal.openShift() else {
                throw JournalError(.conflict, "no shift is open")
            }
            return try await journal.moveShift(
                until: open.plan.until + Double(minutes * 60), reason: reason, actor: actor
            ).json
        case .begin(let name, let minutes):
            guard let desk else {
                throw StationCommand.CommandError(
                    description: "the station does not run: shifts begin when it does", zh: "工站没有运行，不能开班")
            }
            if let name, name.wholeMatch(of: /[A-Za-z0-9_-]{1,16}/) == nil {
                throw StationCommand.CommandError(
                    description: "name \"\(name)\": expected 1 to 16 letters, digits, dashes and underscores")
            }
            if let minutes { try Self.check(minutes) }
            return try await desk.begin(name: name, minutes: minutes, actor: actor).json
        case .note(let note): return try await journal.noteShift(note, actor: actor).json
        }
    }

    private static func check(_ minutes: Int) throws {
        guard Self.minutes.contains(minutes) else {
            throw StationCommand.CommandError(
                description:
                    "\(minutes) minutes: expected \(Self.minutes.lowerBound) to \(Self.minutes.upperBound)")
        }
    }
}

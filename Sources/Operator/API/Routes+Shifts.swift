import Execution
import HTTPTypes
import Journal
import Provisioning

extension RouteTable {
    /// The shift of the line.
    static let shifts: [Route] = [
        Route(
            .get, "/shift", .signedIn, scope: .read,
            "The open shift, the calendar's next one, and what the one before left.", .json(.ok, .shiftTile),
            { call in
                let (station, now) = (call.desk.station, call.desk.clock.wall())
                return Answer(try await ShiftTile.read(call.desk.journal, station.calendar, at: now).json)
            }),
        Route(
            .post, "/shift/end", .permission(.work),
            "Ends the shift: no new board starts, running ones are finished, its people are signed off.",
            body: .json(.object([.init("note", .note, isOptional: true, "what the next shift should know")])),
            .json(.ok, .shift), { call in try await call.shift(.end(note: call.body["note"].string, isCard: false)) }),
        Route(
            .post, "/shift/extend", .permission(.changeShift), "Moves the end of the shift.",
            body: .json(.object([.init("minutes", .shiftMinutes), .init("reason", .reason)])), .json(.ok, .shift),
            { call in
                let minutes = Int(call.body["minutes"].int ?? 0)
                return try await call.shift(.extend(minutes: minutes, reason: call.text("reason")))
            }),
        Route(
            .post, "/shift/begin", .permission(.changeShift),
            "Begins a shift that the calendar does not begin: one that was ended early, or one between two others.",
            body: .json(
                .object([
                    .init("name", .string(length: 1...16, pattern: "^[A-Za-z0-9_-]+$"), isOptional: true),
                    .init("minutes", .shiftMinutes, isOptional: true, "null = to the end of the calendar's shift"),
                ])), .json(.ok, .shift),
            { call in
                try await call.shift(
                    .begin(name: call.body["name"].string, minutes: call.body["minutes"].int.map(Int.init)))
            }),
        Route(
            .post, "/shift/note", .permission(.work),
            "Writes what the next shift should know, for the open shift or the last one.",
            body: .json(.object([.init("note", .note)])), .json(.ok, .shift),
            { call in try await call.shift(.note(call.text("note"))) }),
    ]
}

extension Call {
    fileprivate func shift(_ request: ShiftRequest) async throws -> Answer {
        Answer(try await desk.perform(.shift(request), try caller.actor))
    }
}

extension Schema {
    /// A hand-over note.
    static let note = Schema.string(length: 1...2000, pattern: #"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*$"#)
    static let shiftMinutes = Schema.integer(
        Int64(ShiftRequest.minutes.lowerBound)...Int64(ShiftRequest.minutes.upperBound))
}

import ArgumentParser
import Execution
import Foundation
import Journal
import Provisioning

/// The line's shifts: shown, ended, extended, handed over.
struct ShiftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shift", abstract: "Shifts: show, list, end, extend, begin, note.",
        discussion: """
            The calendar stands in station.toml; `station serve` begins and ends its shifts:
              [shifts]
              zone = "Asia/Shanghai"
              plan_per_hour = 120            # good boards an hour

              [[shifts.shift]]
              name = "day"
              start = "08:00"
              end = "20:00"                  # or on the next day
              breaks = ["12:00-13:00"]       # may be left out
              people = ["Li Wei"]            # may be left out
              days = ["mon", "tue"]          # may be left out: every day

            Between shifts no new board starts. The end of a shift stops new boards, never running ones.
            """,
        subcommands: [Show.self, List.self, End.self, Extend.self, Begin.self, Note.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the open shift, the note of the last one, and the next one.")

        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var station: StationOptions

        func run() async throws {
            let journal = try Journal(folder: station.dataFolder(), access: .readOnly)
            let last = try await journal.shifts(limit: 2)
            let (open, previous) = (last.first { $0.isOpen }, last.first { !$0.isOpen })
            let calendar = station.config == nil ? nil : try station.configuration().shifts
            if json {
                let answer: JSONValue = ["shift": open?.json ?? .null, "previous": previous?.json ?? .null]
                return print(answer.text)
            }
            print(open.map { "open: " + ShiftCommand.line($0) } ?? "no shift is open")
            if let note = open?.note { print("  note: \(note)") }
            if let previous { print("last: " + ShiftCommand.line(previous)) }
            if let note = previous?.note { print("  handed over: \(note)") }
            if let next = calendar?.next(after: Date()) {
                print("next: \(next.id) from \(Shift.text(next.from)) until \(Shift.text(next.until))")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the last shifts, the latest first.")

        @Option(help: ArgumentHelp("How many.", valueName: "n")) var limit = 20
        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var station: StationOptions

        func run() async throws {
            let shifts = try await Journal(folder: station.dataFolder(), access: .readOnly).shifts(limit: limit)
            if json { return print(JSONValue.array(shifts.map(\.json)).text) }
            for shift in shifts { print(ShiftCommand.line(shift)) }
            if shifts.isEmpty { print("There was no shift yet; `station shift --help` tells how they are configured.") }
        }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends the open shift: no new board starts, running ones are finished.",
            discussion: "Its report is cut here; its people are signed off from the page.")

        @Option(help: "What the next shift should know.") var note: String?
        @OptionGroup var station: StationOptions

        func run() async throws {
            let ended = try await station.sender().send(.shift(.end(note: note, isCard: false)))
            print("shift \(ended["shift"].string ?? "") has ended, cut at record \(ended["ended_seq"].int ?? 0)")
        }
    }

    struct Extend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Moves the end of the open shift.")

        @Argument(help: ArgumentHelp("Minutes, 1 to 720.", valueName: "minutes")) var minutes: Int
        @Option(help: "Why, for the journal.") var reason: String
        @OptionGroup var station: StationOptions

        func run() async throws {
            let moved = try await station.sender().send(.shift(.extend(minutes: minutes, reason: reason)))
            print("shift \(moved["shift"].string ?? "") goes on until \(moved["planned_until"].string ?? "")")
        }
    }

    struct Begin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Begins a shift that the calendar does not begin.",
            discussion: "After an end that came too early, or for work between two shifts of the calendar.")

        @Option(help: "Its name; default: as the calendar's, with a number.") var name: String?
        @Option(help: "Minutes, 1 to 720; default: to the end of the calendar's shift.") var minutes: Int?
        @OptionGroup var station: StationOptions

        func run() async throws {
            let begun = try await station.sender().send(.shift(.begin(name: name, minutes: minutes)))
            print("shift \(begun["shift"].string ?? "") is open until \(begun["planned_until"].string ?? "")")
        }
    }

    struct Note: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes what the next shift should know; replaces what was written.")

        @Argument(help: "The note.") var text: String
        @OptionGroup var station: StationOptions

        func run() async throws {
            let noted = try await station.sender().send(.shift(.note(text)))
            print("shift \(noted["shift"].string ?? ""): noted")
        }
    }

    static func line(_ shift: Shift) -> String {
        let end = shift.ended.map { "ended \(Shift.text($0)) by \(shift.end?.rawValue ?? "?")" }
        return "\(shift.id)  began \(Shift.text(shift.began))  "
            + (end ?? "until \(Shift.text(shift.plan.until)) (\(shift.plan.zone))")
    }
}

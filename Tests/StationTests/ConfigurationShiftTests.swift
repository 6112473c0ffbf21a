import Foundation
import Provisioning
import Testing

@testable import station

@Suite("The calendar of a station.toml")
struct ConfigurationShiftTests {
    private static let shifts = """

        [shifts]
        zone = "Asia/Shanghai"
        plan_per_hour = 120

        [[shifts.shift]]
        name = "day"
        start = "08:00"
        end = "20:00"
        breaks = ["12:00-13:00", "16:00-16:15"]
        people = ["Li Wei", "王芳"]

        [[shifts.shift]]
        name = "night"
        start = "20:00"
        end = "08:00"
        days = ["mon", "fri"]
        plan_per_hour = 90
        """

    private func read(_ text: String) throws(ConfigurationError) -> StationConfiguration {
        try StationConfiguration(toml: text, file: "station.toml", folder: "/line")
    }

    @Test("it is read as it is written, and written as it is read")
    func roundTrip() throws {
        let configuration = try read(wholeStation + Self.shifts)
        let calendar = try #require(configuration.shifts)
        #expect(calendar.zone.identifier == "Asia/Shanghai")
        #expect(calendar.patterns.map(\.name) == ["day", "night"])
        #expect(calendar.patterns.map(\.planPerHour) == [120, 90])
        #expect(calendar.patterns.map(\.breaks.count) == [2, 0])
        #expect(calendar.patterns.map(\.days.count) == [7, 2])
        #expect(calendar.patterns.map(\.people.count) == [2, 0])
        #expect(try read(configuration.toml) == configuration)
    }

    @Test("without the table there is none")
    func none() throws { #expect(try read(wholeStation).shifts == nil) }

    @Test(
        "every problem is named at once with its key, its value and what is allowed",
        arguments: [
            ("\"Asia/Shanghai\"", "\"CST\"", "shifts.zone = \"CST\": expected a time zone"),
            ("\"Asia/Shanghai\"", "\"Asia/Shanghia\"", "shifts.zone = \"Asia/Shanghia\": expected a time zone"),
            ("plan_per_hour = 120", "plan_per_hour = 0", "shifts.plan_per_hour = 0: expected 1 to 100000"),
            ("start = \"08:00\"", "start = \"8\"", "shifts.shift[0].start = \"8\": expected a time"),
            ("start = \"08:00\"", "start = \"07:59\"", "expected shifts apart from each other; it overlaps day"),
            ("\"12:00-13:00\"", "\"12-13\"", "shifts.shift[0].breaks = \"12-13\": expected \"HH:MM-HH:MM\""),
            ("\"12:00-13:00\"", "\"19:00-21:00\"", "expected breaks within 08:00 to 20:00"),
            ("\"12:00-13:00\"", "\"15:30-16:05\"", "one after the other"),
            ("\"mon\", \"fri\"", "\"monday\"", "shifts.shift[1].days = \"monday\": expected mon, tue"),
            ("name = \"night\"", "name = \"day\"", "expected a name of its own; shifts.shift[0] has it already"),
            (
                "name = \"night\"", "name = \"Nacht schicht\"",
                "shifts.shift[1].name = \"Nacht schicht\": expected 1 to 16"
            ),
            ("name = \"night\"", "title = \"night\"", "shifts.shift[1].title: unknown key"),
        ])
    func refused(old: String, new: String, problem: String) {
        let text = (wholeStation + Self.shifts).replacing(old, with: new, maxReplacements: 1)
        let error = #expect(throws: ConfigurationError.self) { try read(text) }
        let found = error?.problems.map(\.description) ?? []
        #expect(found.contains { $0.contains(problem) }, "\(problem) is not in \(found)")
    }

    @Test("two problems are two problems")
    func both() {
        let text = (wholeStation + Self.shifts).replacing("20:00", with: "25:00")
        let error = #expect(throws: ConfigurationError.self) { try read(text) }
        #expect(error?.problems.count == 2, "\(String(describing: error))")
    }
}

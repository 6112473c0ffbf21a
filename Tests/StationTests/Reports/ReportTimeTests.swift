import Foundation
import Provisioning
import Testing

@testable import station

@Suite("Times typed for a report")
struct ReportTimeTests {
    @Test(
        "an instant is itself, a day goes until the next one, in the station's time zone",
        arguments: [
            ("2026-11-02T08:00:00Z", nil, "2026-11-02T08:00:00.000Z", "2026-11-02T08:00:00.000Z"),
            ("2026-11-02", nil, "2026-11-02T00:00:00.000Z", "2026-11-03T00:00:00.000Z"),
            ("2026-11-02", "Asia/Shanghai", "2026-11-01T16:00:00.000Z", "2026-11-02T16:00:00.000Z"),
            ("2026-11-02T08:00", "Asia/Shanghai", "2026-11-02T00:00:00.000Z", "2026-11-02T00:00:00.000Z"),
            ("2026-11-02T08:00:30", "Asia/Shanghai", "2026-11-02T00:00:30.000Z", "2026-11-02T00:00:30.000Z"),
            // The clock is put back at 03:00: this day has 25 hours.
            ("2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"),
        ] as [(String, String?, String, String)])
    func times(_ text: String, _ zone: String?, _ first: String, _ end: String) throws {
        let time = try ReportTime(option: "--from", text, zone: zone.flatMap(TimeZone.init(identifier:)))
        #expect(UTCTime.text(time.first) == first)
        #expect(UTCTime.text(time.end) == end)
    }

    @Test(
        "anything else is refused with what was expected",
        arguments: ["yesterday", "2026-13-01", "2026-02-30", "02.11.2026", "2026-11-02T25:00", "", "2026-11-02 08:00"])
    func refused(_ text: String) {
        #expect("\(throws: text)".contains("expected a time such as 2026-11-02"))
    }
}

extension DefaultStringInterpolation {
    fileprivate mutating func appendInterpolation(throws text: String) {
        do { _ = try ReportTime(option: "--to", text, zone: nil) } catch { appendLiteral("\(error)") }
    }
}

import Foundation
import Provisioning
import Testing

struct UTCTimeTests {
    @Test(
        "reads instants to the millisecond",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.001Z", 1), ("2000-02-29T23:59:59.9Z", 951_868_799_900),
            ("2026-11-26T05:36:18.123456Z", 1_795_671_378_123), ("1969-12-31T23:59:59.500Z", -500),
        ])
    func reads(text: String, milliseconds: Int64) { #expect(UTCTime.milliseconds(text) == milliseconds) }

    @Test(
        "refuses what is no instant in UTC",
        arguments: [
            "", "Z", "2026-11-26T05:36:18", "2026-11-26 05:36:18Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
            "2026-11-26T24:00:00Z", "2026-11-26T05:60:00Z", "2026-11-26T05:36:18.Z", "2026-11-26T05:36:18+08:00",
            "2026-11-26T05:36:18.12xZ", "+026-11-26T05:36:18Z",
        ])
    func refuses(text: String) { #expect(UTCTime.milliseconds(text) == nil) }

    @Test("agrees with the system's calendar over four centuries")
    func calendar() {
        let formatter = ISO8601DateFormatter()
        for day in stride(from: Int64(-30_000), to: 120_000, by: 37) {
            let seconds = day * 86_400 + 3_661
            let text = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(UTCTime.seconds(seconds) == text)
            #expect(UTCTime.milliseconds(text) == seconds * 1000)
            #expect(UTCTime.milliseconds(UTCTime.text(seconds * 1000 + 7)) == seconds * 1000 + 7)
        }
    }
}

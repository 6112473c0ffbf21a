import Foundation
import Provisioning

/// Instants as the report shows them: in the shift's time zone, or UTC.
struct LocalTime: Sendable {
    let zone: TimeZone?

    /// The zone's name as it is printed.
    var name: String { zone?.identifier ?? "UTC" }

    /// `2026-11-02 08:00:12`.
    func second(_ milliseconds: Int64) -> String {
        let text = local(milliseconds)
        return text.prefix(10) + " " + text.dropFirst(11).prefix(8)
    }

    /// `2026-11-02 08:00`.
    func minute(_ milliseconds: Int64) -> String { String(second(milliseconds).prefix(16)) }

    /// `2026-11-02 08:00 – 20:00`, the day twice where it changes; open at its end where that is nil.
    func span(_ from: Int64, _ until: Int64?) -> String {
        guard let until else { return minute(from) + " – …" }
        return minute(from) + " – " + (day(from) == day(until) ? String(minute(until).suffix(5)) : minute(until))
    }

    /// `2026-11-02`.
    func day(_ milliseconds: Int64) -> String { String(local(milliseconds).prefix(10)) }

    /// `08`, or `08:30` where the zone is not whole hours from UTC.
    func hour(_ milliseconds: Int64) -> String {
        let time = local(milliseconds).dropFirst(11).prefix(5)
        return String(time.hasSuffix(":00") ? time.prefix(2) : time)
    }

    /// The local time written as if it were UTC.
    private func local(_ milliseconds: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        let offset = Int64(zone?.secondsFromGMT(for: date) ?? 0)
        return UTCTime.text(milliseconds + offset * 1000)
    }
}

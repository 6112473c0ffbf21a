import ArgumentParser
import Foundation
import Provisioning

/// A time as it is typed for a report: an instant, or a day.
struct ReportTime: Hashable {
    /// Its first moment; milliseconds since 1970.
    let first: Int64
    /// The moment itself, or the first one after the day.
    let end: Int64

    /// Reads `2026-11-02T08:00:00Z`, or in that zone `2026-11-02`, `2026-11-02T08:00`, `2026-11-02T08:00:00`.
    /// - Throws: a sentence with what was expected and received.
    init(option: String, _ text: String, zone: TimeZone?) throws {
        let zone = zone ?? .gmt
        if let instant = UTCTime.milliseconds(text) {
            (first, end) = (instant, instant)
        } else if let instant = UTCTime.milliseconds(text + (text.utf8.count == 16 ? ":00Z" : "Z")) {
            let local = Self.instant(instant, zone)
            (first, end) = (local, local)
        } else if let midnight = UTCTime.milliseconds(text + "T00:00:00Z") {
            (first, end) = (Self.instant(midnight, zone), Self.instant(midnight + 86_400_000, zone))
        } else {
            throw ValidationError(
                "\(option) \(text): expected a time such as 2026-11-02, 2026-11-02T08:00 or 2026-11-02T08:00:00Z")
        }
    }

    /// The instant at which clocks of a zone show what those of UTC show at `local`.
    private static func instant(_ local: Int64, _ zone: TimeZone) -> Int64 {
        func offset(_ time: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time) / 1000))) * 1000
        }
        // The offset may be another one on the other side of a change of the clock.
        let guess = local - offset(local)
        return local - offset(guess)
    }
}

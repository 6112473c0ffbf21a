import Provisioning

/// The working time of a simulated month: day and night shifts of twelve hours without a gap between them, each with a
/// break, the night's over midnight. The plant's clock is eight hours ahead of UTC.
struct MonthCalendar: Sendable {
    /// One shift as it is planned; instants in milliseconds since 1970, UTC.
    struct Shift: Sendable {
        /// `YYYY-MM-DD/day` or `…/night`: the local date of its start.
        let id: String
        let date: String
        let name: String
        let begin: Int64
        let end: Int64
        let pause: Range<Int64>
        let people: [String]
    }

    static let zone = "Asia/Shanghai"
    private static let hour: Int64 = 3_600_000
    /// 2026-09-01, 08:00 of the plant.
    private static let start: Int64 = 1_788_220_800_000
    private static let crews = [
        ["Li Wei", "Wang Fang", "Zhang Min"], ["Chen Jie", "Liu Yang", "Zhao Lei"], ["Sun Li", "Wu Tao"],
    ]

    let shifts: [Shift]

    init(shifts count: Int) {
        shifts = (0..<count).map { number in
            let begin = Self.start + Int64(number) * 12 * Self.hour
            let date = String(UTCTime.text(begin + 8 * Self.hour).prefix(10))
            let name = number.isMultiple(of: 2) ? "day" : "night"
            let pause = begin + 4 * Self.hour
            return Shift(
                id: date + "/" + name, date: date, name: name, begin: begin, end: begin + 12 * Self.hour,
                pause: pause..<(pause + Self.hour), people: Self.crews[number % Self.crews.count])
        }
    }

    var begin: Int64 { shifts[0].begin }
    var end: Int64 { shifts[shifts.count - 1].end }

    /// The shift that is planned at an instant; the last one after the month's end.
    func shift(at time: Int64) -> Shift {
        shifts[min(shifts.count - 1, max(0, Int((time - begin) / (12 * Self.hour))))]
    }

    /// Milliseconds worked before an instant, breaks left out.
    func worked(before time: Int64) -> Int64 {
        let shift = shift(at: time)
        let whole = Int64((shift.begin - begin) / (12 * Self.hour)) * 11 * Self.hour
        let rest = min(max(0, time - shift.begin), 12 * Self.hour)
        return whole + rest - min(max(0, time - shift.pause.lowerBound), Self.hour)
    }

    /// Milliseconds worked in the whole month.
    var worked: Int64 { Int64(shifts.count) * 11 * Self.hour }
}

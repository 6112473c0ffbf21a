/// Good units hour by hour against plan; where there are many hours, day by day.
struct OutputChart: Sendable {
    /// One bar.
    struct Bar: Sendable, Hashable {
        /// Under the bar; and under that where a new day begins.
        let label: String
        let day: String
        var good: Int
        var plan: Int?
    }

    let bars: [Bar]
    let isDaily: Bool

    private static let (width, height) = (720.0, 190.0)
    private static let (left, right, top, bottom) = (40.0, 12.0, 18.0, 34.0)
    /// More hours than these are added up to days.
    private static let mostHours = 48
    /// The last days that are drawn; one wrong clock may have left a good unit decades ago.
    static let mostDays = 400

    init(_ hours: [HourOutput], time: LocalTime) {
        isDaily = hours.count > Self.mostHours
        var bars: [Bar] = []
        for hour in hours {
            let day = String(time.day(hour.start).dropFirst(5))
            if isDaily, let last = bars.last, last.day == day {
                bars[bars.count - 1].good += hour.good
                bars[bars.count - 1].plan = hour.plan.map { $0 + (last.plan ?? 0) } ?? last.plan
            } else {
                bars.append(
                    Bar(label: isDaily ? day : time.hour(hour.start), day: day, good: hour.good, plan: hour.plan))
            }
        }
        self.bars = Array(bars.suffix(Self.mostDays))
    }

    func svg(title: String) -> SVG {
        var drawing = SVG(width: Self.width, height: Self.height, title: title)
        let scale = Scale(upTo: bars.map { max($0.good, $0.plan ?? 0) }.max() ?? 0)
        let (floor, room) = (Self.height - Self.bottom, Self.height - Self.top - Self.bottom)
        for mark in scale.marks {
            let y = floor - scale.share(mark) * room
            drawing.line(from: (Self.left, y), to: (Self.width - Self.right, y), mark == 0 ? "axis" : "grid")
            drawing.text(NumberText.whole(mark), x: Self.left - 6, y: y + 3.5, "mark", .end)
        }
        let pitch = (Self.width - Self.left - Self.right) / Double(max(1, bars.count))
        let thick = min(44, pitch * 0.72)
        // A label is about as wide as 40 pixels for a day, 16 for an hour.
        let every = max(1, Int(((isDaily ? 40 : 18) / pitch).rounded(.up)))
        for (place, bar) in bars.enumerated() {
            let middle = Self.left + pitch * (Double(place) + 0.5)
            let tall = scale.share(bar.good) * room
            drawing.rectangle(x: middle - thick / 2, y: floor - tall, width: thick, height: tall, "good")
            if let plan = bar.plan {
                let y = floor - scale.share(plan) * room
                drawing.line(from: (middle - pitch / 2, y), to: (middle + pitch / 2, y), "plan")
            }
            if pitch >= 26, bar.good > 0 {
                drawing.value(bar.good, onBar: tall, x: middle, floor: floor)
            }
            if place.isMultiple(of: every) { drawing.text(bar.label, x: middle, y: floor + 13, "mark") }
            if !isDaily, place == 0 || bars[place - 1].day != bar.day {
                drawing.text(bar.day, x: max(middle, Self.left + 14), y: floor + 27, "day")
            }
        }
        return drawing
    }
}

/// How long each step takes: median, 95 % and, as numbers, the extremes.
struct CycleChart: Sendable {
    let times: [CycleTime]

    private static let width = 360.0
    private static let (left, right, row) = (56.0, 12.0, 18.0)
    private static let (top, bottom) = (6.0, 20.0)

    init(_ times: [CycleTime]) { self.times = times }

    func svg(title: String, language: Report.Language) -> SVG {
        let height = Self.top + Self.bottom + Self.row * Double(max(1, times.count))
        var drawing = SVG(width: Self.width, height: height, title: title)
        let scale = Scale(upTo: ((times.map(\.most).max() ?? 0) + 999) / 1000)
        let room = Self.width - Self.left - Self.right
        let floor = height - Self.bottom
        for mark in scale.marks {
            let x = Self.left + scale.share(mark) * room
            drawing.line(from: (x, Self.top), to: (x, floor), mark == 0 ? "axis" : "grid")
            drawing.text(mark == scale.top ? "\(mark) s" : "\(mark)", x: x, y: floor + 13, "mark")
        }
        func x(_ milliseconds: Int) -> Double {
            Self.left + min(1, Double(milliseconds) / 1000 / Double(scale.top)) * room
        }
        for (place, time) in times.enumerated() {
            let y = Self.top + Self.row * Double(place) + 3
            let style = time.step == nil ? "whole" : "step"
            drawing.text(time.words[language], x: Self.left - 6, y: y + 9.5, "name", .end)
            drawing.rectangle(
                x: Self.left, y: y + 3.5, width: x(time.most) - Self.left, height: Self.row - 12, "\(style) most")
            drawing.rectangle(x: Self.left, y: y, width: x(time.median) - Self.left, height: Self.row - 6, style)
        }
        return drawing
    }
}

/// The most frequent causes as bars, with the line of their cumulative share.
struct ParetoChart: Sendable {
    let entries: [ParetoEntry]
    /// How many runs the entries that are not drawn stand for.
    let others: Int

    private static let (width, height) = (720.0, 190.0)
    private static let (left, right, top, bottom) = (40.0, 44.0, 18.0, 24.0)
    static let mostBars = 10

    init(_ entries: [ParetoEntry]) {
        self.entries = Array(entries.prefix(Self.mostBars))
        others = entries.dropFirst(Self.mostBars).reduce(0) { $0 + $1.count }
    }

    /// - Parameter rest: what the bar of all other entries is called.
    func svg(title: String, rest: String) -> SVG {
        var drawing = SVG(width: Self.width, height: Self.height, title: title)
        var bars = entries.map { (key: $0.key, count: $0.count, cumulative: $0.cumulative) }
        if others > 0 { bars.append((rest, others, 10_000)) }
        let scale = Scale(upTo: bars.map(\.count).max() ?? 0)
        let (floor, room) = (Self.height - Self.bottom, Self.height - Self.top - Self.bottom)
        for mark in scale.marks {
            let y = floor - scale.share(mark) * room
            drawing.line(from: (Self.left, y), to: (Self.width - Self.right, y), mark == 0 ? "axis" : "grid")
            drawing.text(NumberText.whole(mark), x: Self.left - 6, y: y + 3.5, "mark", .end)
        }
        for share in [0, 50, 80, 100] {
            let y = floor - Double(share) / 100 * room
            if share == 80 { drawing.line(from: (Self.left, y), to: (Self.width - Self.right, y), "eighty") }
            drawing.text("\(share) %", x: Self.width - Self.right + 6, y: y + 3.5, "mark", .start)
        }
        let pitch = (Self.width - Self.left - Self.right) / Double(max(9, bars.count))
        let thick = min(48, pitch * 0.7)
        var line: [(x: Double, y: Double)] = []
        for (place, bar) in bars.enumerated() {
            let middle = Self.left + pitch * (Double(place) + 0.5)
            let tall = scale.share(bar.count) * room
            drawing.rectangle(x: middle - thick / 2, y: floor - tall, width: thick, height: tall, "bad")
            drawing.value(bar.count, onBar: tall, x: middle, floor: floor)
            drawing.text(bar.key, x: middle, y: floor + 14, "code")
            line.append((middle, floor - Double(bar.cumulative) / 10_000 * room))
        }
        drawing.path(line, "cumulative")
        for point in line { drawing.dot(x: point.x, y: point.y, "point") }
        return drawing
    }
}
